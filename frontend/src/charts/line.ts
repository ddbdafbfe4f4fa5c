import { axis, figure, type Inks, withUnit } from "./inks.ts";

/** Computed or actual is one accent line; plan and declared are grey and dashed; a forecast is dotted. */
type Role = "computed" | "actual" | "plan" | "declared" | "forecast";

export interface Line {
  categories: string[];
  series: { name: string; role: Role; values: (number | null)[]; step?: boolean; end_label?: string }[];
  y?: { label?: string; unit?: string; min?: number; max?: number; interval?: number };
  bands?: { from: string; to: string; label: string }[];
  lines?: { axis: "x" | "y"; at: number | string; label: string }[];
}

export function line(data: Line, ink: Inks, _narrow: boolean): object {
  const y = data.y ?? {};
  const labels = data.series.map((series) => series.end_label ?? series.name);
  const room = 18 + 6.6 * Math.max(...labels.map((label) => label.length));
  const looks: Record<Role, { color: string; type: string | number[] }> = {
    computed: { color: ink.accent, type: "solid" },
    actual: { color: ink.accent, type: "solid" },
    plan: { color: ink.text3, type: [5, 4] },
    declared: { color: ink.text3, type: [5, 4] },
    forecast: { color: ink.over, type: [2, 3] },
  };
  const solid = (role: Role) => role === "computed" || role === "actual";
  return {
    grid: { left: 46, right: room, top: 14, bottom: 24 },
    xAxis: axis(ink, { type: "category", data: data.categories, boundaryGap: false, splitLine: { show: false }, axisLabel: { color: ink.text3, fontSize: 12, hideOverlap: true } }),
    yAxis: axis(ink, {
      min: y.min ?? 0,
      max: y.max,
      interval: y.interval,
            axisLabel: { color: ink.text3, fontSize: 12, formatter: (value: number) => withUnit(value, y.unit) },
    }),
    tooltip: undefined,
    series: data.series.map((series, index) => ({
      type: "line",
      name: series.name,
      data: series.values,
      step: series.step ? "end" : false,
      symbol: solid(series.role) && data.categories.length <= 16 ? "circle" : "none",
      symbolSize: 5,
      showAllSymbol: true,
      lineStyle: { ...looks[series.role], width: 2 },
      itemStyle: { color: looks[series.role].color },
      emphasis: { disabled: true },
      endLabel: {
        show: labels[index] !== "",
        formatter: labels[index],
        color: solid(series.role) ? ink.text : ink.text2,
        fontWeight: solid(series.role) ? 600 : 400,
        fontSize: 12,
        distance: 6,
      },
      labelLayout: { moveOverlap: "shiftY" },
      tooltip: { formatter: ({ name, value }: { name: string; value: number }) => `${name}\n${series.name} ${y.unit ? withUnit(value, y.unit) : figure(value)}` },
      ...(index === 0 ? marks(data, ink) : {}),
    })),
  };
}

function marks(data: Line, ink: Inks): object {
  return {
    markArea: {
      silent: true,
      itemStyle: { color: ink.warnSoft },
      label: { show: true, position: "insideTop", color: ink.warn, fontSize: 12 },
      data: (data.bands ?? []).map((band) => [{ xAxis: band.from, label: { formatter: band.label } }, { xAxis: band.to }]),
    },
    markLine: {
      silent: true,
      symbol: "none",
      lineStyle: { color: ink.text3, type: [4, 3], width: 1 },
      label: { color: ink.text3, fontSize: 12, position: "insideEndTop", textBorderColor: ink.surface, textBorderWidth: 3 },
      data: (data.lines ?? []).map(({ axis: which, at, label }) => ({ [which === "x" ? "xAxis" : "yAxis"]: at, label: { formatter: label } })),
    },
  };
}
