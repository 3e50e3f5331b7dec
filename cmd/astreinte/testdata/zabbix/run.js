// Runs the script of a media type of Zabbix as its server does: the script is
// the body of a function of value, with the objects Zabbix and HttpRequest.
//
//   node run.js SCRIPT PARAMETERS
//
// It prints what the script returns. If the script throws, it says so and ends
// with 1. HOSTS is a JSON object that leads addresses elsewhere, as a name
// server does.
'use strict';
const fs = require('fs');
const { spawnSync } = require('child_process');

const elsewhere = JSON.parse(process.env.HOSTS || '{}');

// One request, in a process of its own: the scripts wait for their answers.
const worker = `
const { method, url, headers, body } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const web = require(url.startsWith('https:') ? 'https' : 'http');
const request = web.request(url, { method, headers, timeout: 20000 }, (answer) => {
  const parts = [];
  answer.on('data', (part) => parts.push(part));
  answer.on('end', () => process.stdout.write(JSON.stringify({ status: answer.statusCode, body: Buffer.concat(parts).toString('utf8') })));
});
request.on('timeout', () => request.destroy(new Error('no answer in time')));
request.on('error', (error) => { process.stderr.write(String(error)); process.exitCode = 1; });
request.end(body);
`;

class HttpRequest {
  constructor() {
    this.headers = {};
    this.status = 0;
  }
  addHeader(line) {
    const colon = line.indexOf(':');
    this.headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  clearHeader() { this.headers = {}; }
  setProxy() {}
  getStatus() { return this.status; }
  send(method, url, body = '') {
    for (const [from, to] of Object.entries(elsewhere)) {
      if (url.startsWith(from)) url = to + url.slice(from.length);
    }
    const headers = { ...this.headers, 'Content-Length': Buffer.byteLength(body) };
    const done = spawnSync(process.execPath, ['-e', worker], { input: JSON.stringify({ method, url, headers, body }), encoding: 'utf8' });
    if (done.status !== 0) throw new Error('cannot get URL: ' + done.stderr);
    const answer = JSON.parse(done.stdout);
    this.status = answer.status;
    return answer.body;
  }
  get(url, body) { return this.send('GET', url, body); }
  post(url, body) { return this.send('POST', url, body); }
  put(url, body) { return this.send('PUT', url, body); }
  delete(url, body) { return this.send('DELETE', url, body); }
}

const Zabbix = { log(level, text) { if (level <= 3) process.stderr.write(text + '\n'); } };

try {
  const script = new Function('value', 'HttpRequest', 'CurlHttpRequest', 'Zabbix', fs.readFileSync(process.argv[2], 'utf8'));
  process.stdout.write(String(script(fs.readFileSync(process.argv[3], 'utf8'), HttpRequest, HttpRequest, Zabbix)) + '\n');
} catch (error) {
  process.stderr.write(String(error) + '\n');
  process.exitCode = 1;
}
