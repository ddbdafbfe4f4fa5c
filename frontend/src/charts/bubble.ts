import type { ECharts } from "echarts/core";
import { axis, day, figure, type Inks, type State, withUnit } from "./inks.ts";

interface Scale {
  label: string;
  unit?: string;
  log?: boolean;
  type?: "time";
  min?: number;
  max?: number;
  interval?: number;
}

interface Point {
  name: string;
  x: number | string;
  y: number;
  size: number;
  state: State;
  url?: string;
  /** Whether the name stands beside the mark. */
  label?: boolean;
}

export interface Bubble {
  x: Scale;
  y: Scale;
  size_label: string;
  size_unit?: string;
  lines?: { axis: "x" | "y"; at: number | string; label: string }[];
  points: Point[];
}

const OCTAGON = "path://M4.9.8h6.2l4.1 4.1v6.2l-4.1 4.1H4.9L.8 11.1V4.9z";
const SHAPES: Record<State, string> = { G: "circle", AG: "circle", A: "diamond", AR: "triangle", R: OCTAGON, N: "circle" };
/** Shapes of one area look of one size only when the pointed ones are drawn a little larger. */
const GAIN: Record<State, number> = { G: 1, AG: 0.96, A: 1.2, AR: 1.2, R: 1.02, N: 0.96 };

export function bubble(data: Bubble, ink: Inks, narrow: boolean): object {
  const largest = Math.max(...data.points.map((point) => point.size), 0);
  const diameter = (point: Point) => Math.max(narrow ? 7 : 8, Math.sqrt(point.size / (largest || 1)) * (narrow ? 28 : 48)) * GAIN[point.state];
  const inOrder = data.points.filter((point) => !(data.y.log && point.y <= 0)).sort((a, b) => b.size - a.size);
  return {
    grid: { left: narrow || !data.y.label ? 44 : 62, right: 20, top: 26, bottom: 42 },
    xAxis: scale(data.x, ink, { name: named(data.x), nameGap: 28 }),
    yAxis: scale(data.y, ink, { name: narrow ? "" : named(data.y), nameGap: 44 }),
    series: [
      {
        type: "scatter",
        cursor: data.points.some((point) => point.url) ? "pointer" : "default",
        clip: false,
        emphasis: { scale: false, itemStyle: { borderColor: ink.text, borderWidth: 2, opacity: 1 } },
        data: inOrder.map((point) => ({
          name: point.name,
          value: [point.x, point.y, point.size],
          url: point.url,
          wanted: Boolean(point.label),
          symbol: SHAPES[point.state],
          symbolSize: diameter(point),
          itemStyle: look(point.state, ink),
          label: { show: false },
        })),
        tooltip: {
          formatter: ({ name, value }: { name: string; value: [number | string, number, number] }) =>
            [
              name,
              `${bare(data.x)}: ${data.x.type === "time" ? day(value[0]) : withUnit(Number(value[0]), data.x.unit)}`,
              `${bare(data.y)}: ${withUnit(value[1], data.y.unit)}`,
              `${data.size_label}: ${withUnit(value[2], data.size_unit)}`,
            ].join("\n"),
        },
        markLine: {
          silent: true,
          symbol: "none",
          animation: false,
          lineStyle: { color: ink.text3, type: [4, 3], width: 1 },
          label: { show: !narrow, color: ink.text3, fontSize: 12, textBorderColor: ink.surface, textBorderWidth: 3 },
          data: (data.lines ?? []).map(({ axis: which, at, label }) => ({
            [which === "x" ? "xAxis" : "yAxis"]: at,
            label: { formatter: label, position: which === "x" ? "end" : "insideEndTop" },
          })),
        },
      },
    ],
  };
}

function look(state: State, ink: Inks): object {
  if (state === "AG") return { color: ink.surface, borderColor: ink.edge.AG, borderWidth: 2, opacity: 0.92 };
  if (state === "N") return { color: ink.surface, borderColor: ink.edge.N, borderWidth: 1.5, borderType: [3, 2], opacity: 0.92 };
  return { color: ink.fill[state], borderColor: ink.edge[state], borderWidth: 1, opacity: 0.88 };
}

/** The axis says its unit, so the numbers along it need not. */
function named({ label, unit }: Scale): string {
  return !unit || label.includes(unit) ? label : `${label}, ${unit}`;
}

/** The words of an axis without the unit behind the comma: the value beside them carries it. */
function bare({ label, unit }: Scale): string {
  return unit ? (label.split(",")[0] ?? label) : label;
}

function scale(part: Scale, ink: Inks, more: object): object {
  const format = part.type === "time" ? {} : { formatter: (value: number) => figure(value) };
  return axis(ink, {
    type: part.type ?? (part.log ? "log" : "value"),
    min: part.min,
    max: part.max,
    interval: part.interval,
    axisLabel: { color: ink.text3, fontSize: 12, hideOverlap: true, ...format },
    ...more,
  });
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Datum {
  name: string;
  value: [number | string, number, number];
  wanted: boolean;
  symbolSize: number;
  label: object;
}

/** Names go where they cover no mark, no other name and no rule line; a name without such a place stays in the tooltip. */
export function placeLabels(chart: ECharts, ink: Inks): void {
  const option = chart.getOption() as { series: { data: Datum[]; markLine: { data: { xAxis?: number | string; yAxis?: number }[] } }[]; grid: { left: number; right: number; top: number; bottom: number }[] };
  const data = option.series[0]?.data ?? [];
  const frame = option.grid[0];
  if (!frame || !data.some((datum) => datum.wanted)) return;

  const inner: Box = { left: frame.left, top: frame.top, right: chart.getWidth() - 4, bottom: chart.getHeight() - frame.bottom };
  const middle = data.map((datum) => chart.convertToPixel({ seriesIndex: 0 }, [datum.value[0], datum.value[1]]) as [number, number]);
  const taken: Box[] = data.map((datum, index) => around(middle[index] ?? [0, 0], datum.symbolSize, datum.symbolSize));
  for (const mark of option.series[0]?.markLine.data ?? []) {
    if (mark.xAxis !== undefined) taken.push(around([chart.convertToPixel({ xAxisIndex: 0 }, mark.xAxis), chart.getHeight() / 2], 3, chart.getHeight()));
    else if (mark.yAxis !== undefined) taken.push(around([chart.getWidth() / 2, chart.convertToPixel({ yAxisIndex: 0 }, mark.yAxis)], chart.getWidth(), 3));
  }
  const pen = document.createElement("canvas").getContext("2d");
  if (pen) pen.font = `500 12px ${ink.font}`;

  data.forEach((datum, index) => {
    const [x, y] = middle[index] ?? [0, 0];
    if (!datum.wanted) return;
    const width = (pen?.measureText(datum.name).width ?? datum.name.length * 7) + 4;
    const radius = datum.symbolSize / 2;
    // A rule line may be crossed where there is no better place; a mark may not.
    const best = places(x, y, radius, width)
      .filter((box) => inside(box, inner))
      .map((box, order) => ({ box, cost: taken.reduce((sum, other, which) => sum + (which === index ? 0 : overlap(box, other)), 0) + order * 0.5 }))
      .sort((a, b) => a.cost - b.cost)[0];
    if (!best || best.cost > width * 0.8) return;
    taken.push(best.box);
    datum.label = {
      show: true,
      formatter: datum.name.replaceAll("{", "").replaceAll("}", ""),
      position: "inside",
      offset: [(best.box.left + best.box.right) / 2 - x, (best.box.top + best.box.bottom) / 2 - y],
      color: ink.text,
      fontSize: 12,
      fontWeight: 500,
      textBorderColor: ink.surface,
      textBorderWidth: 3,
    };
  });
  chart.setOption({ series: [{ data }] });
}

/** Candidate places in order of preference: right, left, above, below, then the corners and a step further out. */
function places(x: number, y: number, radius: number, width: number): Box[] {
  const height = 16;
  const found: Box[] = [];
  for (const gap of [5, 12]) {
    const side = radius + gap + width / 2;
    const rise = radius + gap + height / 2 - 2;
    for (const [dx, dy] of [[side, 0], [-side, 0], [0, -rise], [0, rise], [side * 0.8, -rise], [side * 0.8, rise], [-side * 0.8, -rise], [-side * 0.8, rise]] as const) {
      found.push(around([x + dx, y + dy], width, height));
    }
  }
  return found;
}

function around([x, y]: [number, number], width: number, height: number): Box {
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
}

function inside(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}

function overlap(a: Box, b: Box): number {
  return Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
}
