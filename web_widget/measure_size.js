/** Says what the widget weighs: `npm run size` after `npm run build`. Fails above the limits. */
import { readdirSync, readFileSync } from "node:fs";
import { stdout } from "node:process";
import { brotliCompressSync, gzipSync } from "node:zlib";

const dist = new URL("dist/", import.meta.url);
const chat = readdirSync(new URL("assets/", dist)).filter((name) => /^chat-frame-.*\.js$/.test(name));

/** [what, files, most bytes after gzip] */
const parts = [
  ["on every page of the shop", ["widget.js"], 7 * 1024],
  ["when the chat is opened", ["chat-frame.html", ...chat.map((name) => `assets/${name}`)], 30 * 1024],
];

for (const [what, names, limit] of parts) {
  const files = names.map((name) => readFileSync(new URL(name, dist)));
  const sum = (packed) => files.reduce((bytes, file) => bytes + packed(file).length, 0);
  const gzip = sum((file) => gzipSync(file, { level: 9 }));
  stdout.write(
    `${what}: ${sum((file) => file)} bytes, ${gzip} gzip, ${sum((file) => brotliCompressSync(file))} brotli ` +
      `(limit ${limit} gzip; ${names.join(", ")})\n`,
  );
  if (gzip > limit) process.exitCode = 1;
}
