import type { Failure } from '../../../plugins/tiktok/api/replies.ts';
import type { Answer, NextCall } from '../../../plugins/tiktok/next-step.ts';
import type { Add } from './around.ts';
import { type Seen, spend, type State, withWorker, writerName } from './model.ts';
import * as network from './network.ts';

interface Turn {
  readonly state: State;
  readonly index: number;
  readonly add: Add;
  readonly fault: Add;
}

interface Sending {
  readonly call: NextCall;
  /** What the protocol makes of the answer. */
  readonly then: (state: State, answer: Answer) => State;
}

/** Photos: the one call that posts them may be lost, or its answer, or be refused. */
export function photoMoves(turn: Turn, seen: Seen, { call, then }: Sending): void {
  const { state, index, add, fault } = turn;
  const canFail = state.left.faults > 0;
  switch (call.call) {
    case 'look-at-photos': {
      const ticket = `${writerName(state, index)}:${seen.attempt.n}`;
      const { tickets } = state.workers[index] ?? { tickets: [] };
      const given = withWorker(state, index, { tickets: [...tickets.filter((one) => one !== ticket), ticket] });
      add(`${index} looks at the photos`, then(given, network.photoLookAnswer(ticket)));
      return;
    }
    case 'content-init':
      post(turn, { call, then });
      return;
    case 'photo-status': {
      const reply = network.statusReply(state, seen.attempt.reference ?? '', 1);
      add(`${index} asks`, then(state, { ...call, reply }));
      const lost = { ...call, reply: network.lostReply('photo-status') };
      if (canFail) fault(`${index} asks, lost`, then(spend(state, 'faults'), lost));
      return;
    }
    default:
      throw new Error(`Photos know no ${call.call}.`);
  }
}

/** The ticket is used up by sending, whatever comes of it. */
function post(turn: Turn, { call, then }: Sending): void {
  if (call.call !== 'content-init') return;
  const { state, index, add, fault } = turn;
  const tickets = state.workers[index]?.tickets.filter((one) => one !== call.ready.ticket) ?? [];
  const sent = withWorker(state, index, { tickets });
  const { state: opened, id } = network.opened(sent);
  const posted = network.withUpload(opened, Number(id), { pieces: 1, arrivedAt: state.now });
  add(`${index} posts ${id}`, then(posted, { ...call, reply: { ok: true, value: { publishId: id } } }));
  if (state.left.faults > 0) {
    const lost = { ...call, reply: network.lostReply('content-init') };
    fault(`${index} posts, lost`, then(spend(sent, 'faults'), lost));
    fault(`${index} posts ${id}, answer lost`, then(spend(posted, 'faults'), lost));
    const broken = {
      ...call,
      reply: { ...network.lostReply('content-init'), code: 'server_unavailable', status: 502 },
    };
    fault(`${index} posts ${id}, hears 502`, then(spend(posted, 'faults'), broken));
  }
  if (state.left.refusals === 0) return;
  for (const [code, status] of refusals) {
    const reply: Failure = { ...network.lostReply('content-init'), code, status };
    fault(`${index} posts, ${code}`, then(spend(sent, 'refusals'), { ...call, reply }));
  }
}

/** One of each kind of end. */
const refusals = [
  ['rate_limit_exceeded', 429],
  ['access_token_invalid', 401],
  ['url_ownership_unverified', 403],
  ['not_sent', null],
] as const;
