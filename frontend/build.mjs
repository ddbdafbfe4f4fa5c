// Builds what the browser loads into the package: app.css, app.js, charts.js, icons.svg, favicon.svg and fonts/.
// Called by build.py; runs alone too: node frontend/build.mjs
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const target = join(root, "src/quarterdeck/core/static/quarterdeck");
const browsers = ["chrome111", "firefox121", "safari16.4"];

const tablerBase = {
  name: "tabler-base",
  setup(build) {
    build.onResolve({ filter: /^tabler-base$/ }, () => ({ path: "tabler-base", namespace: "tabler" }));
    build.onLoad({ filter: /.*/, namespace: "tabler" }, () => {
      const { css } = sass.compileString('@use "@tabler/core/scss/bootstrap/reboot";', {
        loadPaths: [join(root, "node_modules")],
        quietDeps: true,
        logger: sass.Logger.silent,
      });
      return { contents: css.replaceAll(/\/\*\*[\s\S]*?\*\//g, ""), loader: "css" };
    });
  },
};

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`), "utf8");
      const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replaceAll(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`;
    }),
  );
  await writeFile(join(target, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

/** The mark of the product, in the accent of the token file. */
async function favicon() {
  const tokens = await readFile(join(here, "styles/tokens.css"), "utf8");
  const token = (name) => tokens.match(new RegExp(`--qd-${name}: ([^;]+);`))[1];
  await writeFile(
    join(target, "favicon.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="${token("accent")}"/><path d="M5 16.2h14M7 12.2h10M9.6 8.2h4.8" stroke="${token("on-accent")}" stroke-width="2.2" stroke-linecap="round"/></svg>\n`,
  );
}

async function bundle() {
  const shared = { bundle: true, minify: true, target: browsers, legalComments: "none", logLevel: "warning", outdir: target, metafile: true };
  const results = await Promise.all([
    esbuild.build({ ...shared, entryPoints: { app: join(here, "src/app.ts"), charts: join(here, "src/charts.ts") }, format: "iife" }),
    esbuild.build({
      ...shared,
      entryPoints: { app: join(here, "styles/app.css") },
      loader: { ".woff2": "file" },
      assetNames: "fonts/[name]",
      plugins: [tablerBase],
    }),
  ]);
  return results.flatMap(({ metafile }) => Object.entries(metafile.outputs).map(([path, { bytes }]) => [path, bytes]));
}

await mkdir(target, { recursive: true });
for (const name of await readdir(target)) await rm(join(target, name), { recursive: true });
const [outputs] = await Promise.all([bundle(), sprite(), favicon()]);
for (const [path, bytes] of outputs) {
  if (!path.endsWith(".woff2")) console.log(`${path.split("/").pop().padEnd(10)} ${(bytes / 1024).toFixed(0).padStart(5)} KB`);
}
