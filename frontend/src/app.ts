// The script of every page: htmx with our answers, the small Alpine parts, keys, and the things a page needs after each swap.
import Alpine from "@alpinejs/csp";
import { startAnnouncing } from "./announce.ts";
import { bulkSelection, columnChooser, moneyFields, popovers, printLight, themeSwitch, toggles } from "./parts.ts";
import { startHtmx } from "./htmx.ts";
import { startKeys } from "./keys.ts";
import { startNavigation } from "./navigation.ts";
import { startPanel } from "./panel.ts";
import { startTables } from "./tables.ts";
import { startTalk } from "./talk.ts";

startHtmx();
startAnnouncing();
startNavigation();
startPanel();
startTables();
startTalk();
startKeys();
toggles();
popovers();
printLight();
moneyFields();
Alpine.data("theme", themeSwitch);
Alpine.data("columns", columnChooser);
Alpine.data("selection", bulkSelection);
Alpine.start();
