// Programs with known answers, one after another, until SIGTERM; then how many were answered, lost or judged wrong.
const url = process.env.SANDBOX_FUSION_ENDPOINT;
const totals = { sent: 0, lost: 0, wrong: 0, words: [], retries: {} };
let over = false;
process.on('SIGTERM', () => {
  over = true;
});

async function one(number) {
  totals.sent += 1;
  const fails = number % 5 === 0;
  const code = fails ? `import sys; print(${number}); sys.exit(3)` : `print(${number} * 2)`;
  try {
    const response = await fetch(`${url}/run_code`, {
      method: 'POST',
      // A whole fleet may be without power for a minute: a training run waits.
      headers: { 'content-type': 'application/json', 'x-sandboxctl-patience': '300' },
      body: JSON.stringify({ code, language: 'python', run_timeout: 20 }),
    });
    const body = await response.json();
    const run = body.run_result;
    if (response.status !== 200 || body.status === 'SandboxError' || run == null) {
      totals.lost += 1;
      totals.words.push(`${response.status} ${JSON.stringify(body).slice(0, 200)}`);
      return;
    }
    const right = fails
      ? body.status === 'Failed' && run.return_code === 3 && run.stdout === `${number}\n`
      : body.status === 'Success' && run.stdout === `${number * 2}\n`;
    if (right) return;
    totals.wrong += 1;
    totals.words.push(JSON.stringify(body).slice(0, 300));
  } catch (error) {
    totals.lost += 1;
    totals.words.push(String(error?.cause ?? error));
  }
}

async function caller(first) {
  for (let number = first; !over; number += 2) {
    await one(number);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

console.log('begun');
await Promise.all([caller(1), caller(2)]);
const snapshot = await fetch(`${url}/_sandboxctl/snapshot.json`).then((answer) => answer.json());
totals.retries = snapshot.retries ?? snapshot.counts?.retries ?? {};
console.log(JSON.stringify(totals));
