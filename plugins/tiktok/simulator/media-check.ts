import { ALL_FORMATS, FilePathSource, Input, type InputVideoTrack } from 'mediabunny';

export interface MediaFacts {
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly frameRate: number;
  readonly codec: string;
}

export type MediaVerdict = { readonly facts?: MediaFacts; readonly failReason?: string };

const CONTAINERS = new Set(['video/mp4', 'video/quicktime', 'video/webm']);
const CODECS = new Set(['avc', 'hevc', 'vp8', 'vp9']);
const FRAMES_LOOKED_AT = 120;

/** What TikTok finds out while processing (content-posting-api-media-transfer-guide): the fail_reason, if any. */
export async function checkMedia(file: string, maxSeconds: number): Promise<MediaVerdict> {
  const facts = await readFacts(file);
  if (facts === undefined || !CODECS.has(facts.codec)) return { failReason: 'file_format_check_failed' };
  if (facts.seconds > maxSeconds + 0.5) return { facts, failReason: 'duration_check_failed' };
  if (!isSide(facts.width) || !isSide(facts.height)) return { facts, failReason: 'picture_size_check_failed' };
  // A clip shorter than a second says too little about its rate.
  const isOffRate = facts.seconds >= 1 && (facts.frameRate < 22.9 || facts.frameRate > 60.5);
  return isOffRate ? { facts, failReason: 'frame_rate_check_failed' } : { facts };
}

/** Undefined for what is no readable video in an accepted container. */
async function readFacts(file: string): Promise<MediaFacts | undefined> {
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  try {
    if (!(await input.canRead())) return undefined;
    const format = await input.getFormat();
    const track = await input.getPrimaryVideoTrack();
    if (track === null || !CONTAINERS.has(format.mimeType)) return undefined;
    return await describe(input, track);
  } catch {
    // The reader throws on damaged files; for TikTok that is one more file it cannot use.
    return undefined;
  } finally {
    input.dispose();
  }
}

async function describe(input: Input, track: InputVideoTrack): Promise<MediaFacts> {
  const stats = await track.computePacketStats(FRAMES_LOOKED_AT);
  return {
    seconds: await input.computeDuration(),
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    frameRate: stats.averagePacketRate,
    codec: (await track.getCodec()) ?? 'unknown',
  };
}

function isSide(pixels: number): boolean {
  return pixels >= 360 && pixels <= 4096;
}
