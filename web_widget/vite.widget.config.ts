/** Builds dist/widget.js: one classic script without imports, so that a shop embeds it by one plain tag. */
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    // The pages were built before and stay.
    emptyOutDir: false,
    target: "es2020",
    // Older targets would have logical sides (inline, block) rewritten for a fixed list of languages.
    cssTarget: ["chrome100", "safari15.4", "firefox100"],
    lib: {
      entry: resolve(import.meta.dirname, "src/embed/register.ts"),
      formats: ["iife"],
      name: "ShopkeeperChat",
      fileName: () => "widget.js",
    },
  },
});
