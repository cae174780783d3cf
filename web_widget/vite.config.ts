/** Builds the three pages; the widget has a configuration of its own, because it is one classic script. */
import { resolve } from "node:path";
import { defineConfig } from "vite";

const pages = resolve(import.meta.dirname, "pages");

export default defineConfig({
  root: pages,
  base: "/",
  publicDir: resolve(pages, "public"),
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    emptyOutDir: true,
    target: "es2022",
    // Older targets would have logical sides (inline, block) rewritten for a fixed list of languages.
    cssTarget: ["chrome100", "safari15.4", "firefox100"],
    // The polyfill would be the only script that the pages do not need; every supported browser preloads modules.
    modulePreload: { polyfill: false },
    // Inlined files would be data: addresses, which the pages' policy refuses for anything but images.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        index: resolve(pages, "index.html"),
        inbox: resolve(pages, "inbox.html"),
        console: resolve(pages, "console.html"),
      },
    },
  },
});
