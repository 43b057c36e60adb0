// nodemailer's pool sending the letter: node batch_nodemailer.mjs PORT CONNECTIONS DIR
// Nothing is journaled, and the template is no more than replaced marks. NODE_PATH does not count for ES modules, so
// the package's directory comes in NODEMAILER.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const nodemailer = createRequire(process.env.NODEMAILER + "/")("nodemailer");
const [port, connections] = process.argv.slice(2, 4).map(Number);
const folder = process.argv[4];
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
const [head, ...lines] = read("list.csv").trim().split("\r\n");
const names = head.split(",");
const rows = lines.map((line) => {
  const values = line.split(",");
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
});
const text = read("text"), html = read("letter.html");
const render = (template, row) => template.replace(/\{\{ (\w+) \}\}/g, (_, name) => row[name]);
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, name: "bench.test",
  pool: true, maxConnections: connections, maxMessages: Infinity,
});
let next = 0;
const send = async () => {
  while (next < rows.length) {
    const row = rows[next++];
    await transport.sendMail({
      from: "List <bench@good.test>", to: row.email, subject: `Your plan ${row.plan}, ${row.name}`,
      text: render(text, row), html: render(html, row),
    });
  }
};
await Promise.all(Array.from({ length: connections * 2 }, send));
transport.close();
