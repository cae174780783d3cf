/** Builds the page in the chat's frame by itself, so that its one script holds nothing that other pages share. */
import { resolve } from "node:path";
import { defineConfig } from "vite";

const pages = resolve(import.meta.dirname, "pages");

export default defineConfig({
  root: pages,
  base: "./",
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    // The other pages were built before and stay.
    emptyOutDir: false,
    target: "es2020",
    // Older targets would have logical sides (inline, block) rewritten for a fixed list of languages.
    cssTarget: ["chrome100", "safari15.4", "firefox100"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: { "chat-frame": resolve(pages, "chat-frame.html") } },
  },
});
