import { axis, figure, type Inks, withUnit } from "./inks.ts";

export interface Bars {
  categories: string[];
  values: number[];
  /** Index of the first bar beyond the limit, or null where there is none. */
  bad_from: number | null;
  urls?: string[];
  unit?: string;
}

export function bars(data: Bars, ink: Inks, _narrow: boolean): object {
  return {
    grid: { left: 4, right: 4, top: 20, bottom: 22 },
    xAxis: axis(ink, { type: "category", data: data.categories, splitLine: { show: false }, axisLabel: { color: ink.text3, fontSize: 12, interval: 0, hideOverlap: true } }),
    yAxis: { show: false, min: 0 },
    series: [
      {
        type: "bar",
        barCategoryGap: "18%",
        barMaxWidth: 72,
        cursor: data.urls ? "pointer" : "default",
        label: { show: true, position: "top", color: ink.text, fontSize: 12, formatter: ({ value }: { value: number }) => figure(value) },
        data: data.values.map((value, index) => ({
          value,
          url: data.urls?.[index],
          itemStyle: { color: data.bad_from !== null && index >= data.bad_from ? ink.over : ink.control, borderRadius: [2, 2, 0, 0] },
        })),
        tooltip: { formatter: ({ name, value }: { name: string; value: number }) => `${name}: ${withUnit(value, data.unit)}` },
        emphasis: { disabled: true },
      },
    ],
  };
}
