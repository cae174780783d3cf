/** Says what the widget weighs before it is opened: `npm run size` after `npm run build`. Fails above the limit. */
import { readFileSync } from "node:fs";
import { stdout } from "node:process";
import { brotliCompressSync, gzipSync } from "node:zlib";

const LIMIT_BYTES = 30 * 1024;
const script = readFileSync(new URL("dist/widget.js", import.meta.url));
const gzip = gzipSync(script, { level: 9 }).length;
stdout.write(
  `widget.js: ${script.length} bytes, ${gzip} gzip, ${brotliCompressSync(script).length} brotli (limit ${LIMIT_BYTES} gzip)\n`,
);
if (gzip > LIMIT_BYTES) process.exitCode = 1;
