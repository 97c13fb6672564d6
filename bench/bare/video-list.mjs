// A TikTok that has one profile with VIDEOS videos and no limits: tells who it is, and pages of its list, made up as they
// are asked for. GET /requests tells how many pages that were, and counts from the beginning again.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import process from 'node:process';

const videos = Number(process.env.VIDEOS);
const newest = 1_700_000_000;
let pages = 0;

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const answer = answerTo(request.url ?? '', Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('video list is up\n'));

function answerTo(url, body) {
  if (url === '/requests') {
    const requests = pages;
    pages = 0;
    return { requests };
  }
  const error = { code: 'ok', message: '', log_id: 'bench' };
  if (!url.startsWith('/v2/video/list/')) return { data: { user: { display_name: 'Hazel & Rye' } }, error };
  pages += 1;
  return { data: pageFrom(JSON.parse(body)), error };
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
