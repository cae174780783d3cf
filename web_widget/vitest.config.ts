import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Files that touch a document say so in their first line; everything else runs without one.
    environment: "node",
  },
});
