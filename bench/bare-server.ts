// node:http with nothing behind it: keeps in memory what is PUT (but nothing under /bench/put/), answers every GET from there. Its own process,
// started with a port; nothing is verified.
import { createServer } from 'node:http';

const kept = new Map<string, Buffer>();
const empty = Buffer.alloc(0);

const server = createServer((request, response) => {
  const [path = '/'] = request.url!.split('?', 1);
  if (request.method === 'GET') {
    const bytes = kept.get(path);
    if (bytes === undefined) response.statusCode = 404;
    response.end(bytes ?? empty);
    return;
  }
  const chunks: Buffer[] = [];
  const keeps = !path.startsWith('/bench/put/');
  request.on('data', (chunk: Buffer) => {
    if (keeps) chunks.push(chunk);
  });
  request.on('end', () => {
    if (keeps) kept.set(path, Buffer.concat(chunks));
    response.end();
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'));
