export type State = "G" | "AG" | "A" | "AR" | "R" | "N";

export interface Inks {
  font: string;
  text: string;
  text2: string;
  text3: string;
  border: string;
  control: string;
  surface: string;
  sunken: string;
  accent: string;
  warnSoft: string;
  warn: string;
  over: string;
  fill: Record<State, string>;
  edge: Record<State, string>;
}

/** Colours as the theme has them now; no colour is written in a script. */
export function inks(element: Element): Inks {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--qd-${name}`).trim();
  return {
    font: token("font"),
    text: token("text"),
    text2: token("text-2"),
    text3: token("text-3"),
    border: token("border"),
    control: token("control"),
    surface: token("surface"),
    sunken: token("sunken"),
    accent: token("accent-text"),
    warnSoft: token("a-soft"),
    warn: token("a"),
    over: token("f-ar"),
    fill: { G: token("f-g"), AG: token("f-ag"), A: token("f-a"), AR: token("f-ar"), R: token("f-r"), N: token("surface") },
    edge: { G: token("surface"), AG: token("ag"), A: token("a"), AR: token("surface"), R: token("surface"), N: token("text-3") },
  };
}

const locale = document.documentElement.lang || undefined;

/** A number as the reader writes it, with a real minus sign. */
export function figure(value: number, decimals = 1): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: decimals }).format(value).replace("-", "−");
}

export function withUnit(value: number, unit = ""): string {
  const amount = figure(value);
  if (unit === "%") return `${amount}%`;
  if (/^[€£$]/.test(unit)) return value < 0 ? `−${unit[0]}${figure(-value)}${unit.slice(1).trim()}` : `${unit[0]}${amount}${unit.slice(1).trim()}`;
  return unit ? `${amount} ${unit}` : amount;
}

export function day(iso: string | number): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(iso));
}

export function axis(ink: Inks, more: object): object {
  return {
    nameLocation: "middle",
    nameTextStyle: { color: ink.text3, fontSize: 12 },
    axisLine: { lineStyle: { color: ink.border } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink.border } },
    ...more,
  };
}
