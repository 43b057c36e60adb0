// nodemailer's pool sending pre-rendered messages: node nodemailer.mjs PORT MESSAGES CONNECTIONS
// NODE_PATH does not count for ES modules, so the package's directory comes in NODEMAILER.
import { createRequire } from "node:module";
const nodemailer = createRequire(process.env.NODEMAILER + "/")("nodemailer");
const [port, messages, connections] = process.argv.slice(2).map(Number);
const raw = "From: <bench@good.test>\r\nSubject: bench\r\n\r\n" + ("x".repeat(68) + "\r\n").repeat(29);
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, name: "bench.test",
  pool: true, maxConnections: connections, maxMessages: Infinity,
});
const started = process.hrtime.bigint(), cpu = process.cpuUsage();
let next = 0, sent = 0;
const send = async () => {
  while (next < messages) {
    const to = `user${next++}@good.test`;
    await transport.sendMail({ envelope: { from: "bench@good.test", to }, raw });
    sent++;
  }
};
await Promise.all(Array.from({ length: connections * 2 }, send));
const used = process.cpuUsage(cpu);
transport.close();
console.log(JSON.stringify({
  sent, seconds: Number(process.hrtime.bigint() - started) / 1e9, cpu: (used.user + used.system) / 1e6,
}));
