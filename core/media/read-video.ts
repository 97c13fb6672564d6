import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input, type InputVideoTrack } from 'mediabunny';
import type { VideoFacts } from './media.ts';

/** What reading a file came to: its facts, or why it cannot be used, by name. */
export type VideoReading =
  { readonly facts: VideoFacts } | { readonly refused: 'unreadable' | 'no-video' | 'incomplete' };

const codecNames: Readonly<Record<string, string>> = {
  avc: 'H.264',
  hevc: 'H.265',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
  prores: 'ProRes',
};

/** Reads a video file's own facts; never trusts its name. Runs inside the file process. */
export async function readVideo(path: string): Promise<VideoReading> {
  const input = new Input({
    formats: ALL_FORMATS,
    source: new FilePathSource(path, { handleUnhandledError: () => undefined }),
  });
  try {
    if (!(await input.canRead())) return { refused: 'unreadable' };
    const track = await input.getPrimaryVideoTrack();
    if (!track) return { refused: 'no-video' };
    const codec = await track.getCodec();
    if (!(await lastPacketIsThere(track))) return { refused: 'incomplete' };
    const duration = await track.computeDuration();
    const { averagePacketRate } = await track.computePacketStats();
    return {
      facts: {
        width: await track.getDisplayWidth(),
        height: await track.getDisplayHeight(),
        durationMs: Math.round(duration * 1000),
        frameRate: Math.round(averagePacketRate * 1000) / 1000,
        codec: (codec && codecNames[codec]) ?? codec ?? 'unknown',
        rotation: await track.getRotation(),
      },
    };
  } catch {
    // Any failure to parse is the file's own fault: the bytes are not a whole, readable video.
    return { refused: 'unreadable' };
  } finally {
    input.dispose();
  }
}

/** A truncated MP4 can report its full length: only its last packet's bytes tell that everything has arrived. */
async function lastPacketIsThere(track: InputVideoTrack): Promise<boolean> {
  try {
    const packet = await new EncodedPacketSink(track).getPacket(Infinity);
    return packet !== null && packet.byteLength > 0 && packet.data.byteLength === packet.byteLength;
  } catch {
    return false;
  }
}
