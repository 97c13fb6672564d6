// A TikTok that has one profile with VIDEOS videos and no limits: tells who it is, and pages of its list, made up as they
// are asked for. GET /requests tells how many pages that were, with how many bytes, and what was asked for last, and
// counts from the beginning again.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import process from 'node:process';

const videos = Number(process.env.VIDEOS);
const newest = 1_700_000_000;
let told = { requests: 0, bytes: 0, address: '' };

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const answer = answerTo(request.url ?? '', Buffer.concat(chunks).toString());
    const text = JSON.stringify(answer);
    if (isPage(request.url)) told = { ...told, bytes: told.bytes + Buffer.byteLength(text) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('video list is up\n'));

function answerTo(url, body) {
  if (url === '/requests') {
    const so = told;
    told = { requests: 0, bytes: 0, address: '' };
    return so;
  }
  const error = { code: 'ok', message: '', log_id: 'bench' };
  if (!isPage(url)) return { data: { user: { display_name: 'Hazel & Rye' } }, error };
  told = { ...told, requests: told.requests + 1, address: url };
  return { data: pageFrom(JSON.parse(body)), error };
}

function isPage(url = '') {
  return url.startsWith('/v2/video/list/');
}

/** Video n was published n minutes before the newest. */
function pageFrom({ cursor, max_count: count }) {
  const first = cursor === undefined ? 0 : newest / 60 - cursor / 60_000 + 1;
  const shown = Array.from({ length: Math.min(count, videos - first) }, (_, n) => videoAt(first + n));
  return {
    videos: shown,
    cursor: (newest - (first + shown.length - 1) * 60) * 1_000,
    has_more: first + count < videos,
  };
}

function videoAt(n) {
  const id = `7${String(10n ** 18n - 1n - BigInt(n)).padStart(18, '0')}`;
  return {
    ...{ id, create_time: newest - n * 60, duration: 34, share_url: `https://www.tiktok.com/@hazelandrye/video/${id}` },
    cover_image_url: `https://p16.example/${id}.image?x-expires=1700000000&x-signature=qbs0Rz5J1p0`,
    video_description: 'Cardamom buns, start to finish in forty seconds #cardamombuns #fika',
    ...{ view_count: 1_000_000 - n, like_count: 40_000, comment_count: 1_200, share_count: 800 },
  };
}
