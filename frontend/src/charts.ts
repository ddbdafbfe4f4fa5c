// The charts island, loaded only by pages with charts. A chart is <div class="qd-chart" data-chart="bubble|bars|line" data-source="id">
// with its figures in <script type="application/json" id="id">; the same figures stand in a table beside it.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { bars } from "./charts/bars.ts";
import { bubble, placeLabels } from "./charts/bubble.ts";
import { line } from "./charts/line.ts";
import { inks } from "./charts/inks.ts";

echarts.use([BarChart, LineChart, ScatterChart, AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, LabelLayout, SVGRenderer]);

const kinds = { bubble, bars, line };
const drawn = new Map<HTMLElement, echarts.ECharts>();

function draw(element: HTMLElement): void {
  const kind = element.dataset.chart as keyof typeof kinds;
  const source = document.getElementById(element.dataset.source ?? "");
  if (!(kind in kinds) || !source || element.clientWidth === 0) return;
  const data = JSON.parse(source.textContent || "null");
  if (!data) return;

  let chart = drawn.get(element);
  if (!chart) {
    chart = echarts.init(element, null, { renderer: "svg" });
    drawn.set(element, chart);
    chart.on("click", (mark) => {
      const url = (mark.data as { url?: string } | null)?.url;
      if (url) location.assign(url);
    });
  }
  const ink = inks(element);
  const narrow = element.clientWidth < 480;
  chart.setOption(
    {
      animation: false,
      aria: { enabled: true, label: { description: element.dataset.label ?? "" } },
      textStyle: { fontFamily: ink.font, fontSize: 12, color: ink.text2 },
      tooltip: {
        renderMode: "richText",
        trigger: "item",
        confine: true,
        backgroundColor: ink.surface,
        borderColor: ink.border,
        borderWidth: 1,
        padding: [6, 10],
        textStyle: { color: ink.text, fontSize: 12, lineHeight: 17, fontFamily: ink.font },
      },
      ...kinds[kind](data, ink, narrow),
    },
    { notMerge: true },
  );
  element.setAttribute("role", "img");
  if (element.dataset.label) element.setAttribute("aria-label", element.dataset.label);
  if (kind === "bubble" && !narrow) placeLabels(chart, ink);
}

const sized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const element = target as HTMLElement;
    drawn.get(element)?.resize();
    draw(element);
  }
});

function drawAll(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>(".qd-chart[data-chart]")) sized.observe(element);
}

function forgetGone(): void {
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    sized.unobserve(element);
    chart.dispose();
    drawn.delete(element);
  }
}

document.addEventListener("qd:theme", () => drawn.forEach((_, element) => draw(element)));
document.addEventListener("htmx:load", (event) => {
  forgetGone();
  drawAll(event.target as HTMLElement);
});
// Text is measured when it is drawn, so the font has to be there first.
void document.fonts.ready.then(() => drawAll(document));
