// DNS messages of the GSLB: a query's bytes in, a reply's bytes out, and the reverse for its
// clients. Nodes that differ by port alone need SRV records; the addresses stand in the additional
// section.
import { isIPv4 } from 'node:net';
import packet, { type Answer, type DecodedPacket, type OptAnswer } from 'dns-packet';
import { DATABASE_SERVICE, ORDERS_SERVICE, ZONE, type GslbEndpoint } from './protocol.ts';
import type { WeightedEndpoint } from './weights.ts';

const BELOW_ZONE = `.${ZONE}`;
const RCODE = { ok: 0, malformed: 1, noAnswerYet: 2, noSuchName: 3, notImplemented: 4 } as const;
const HEADER_BYTES = 12;
const RESPONSE_BIT = 0x80;
/** What a client without EDNS can take (RFC 1035 §4.2.1). */
const PLAIN_UDP_BYTES = 512;
/** Two regions of 16 instances with names of 40 letters. */
const EDNS_UDP_BYTES = 8192;

/** What is answered now, by service. */
export interface AnsweredEndpoints {
  readonly serial: number;
  readonly orders: readonly WeightedEndpoint[];
  readonly postgres: readonly WeightedEndpoint[];
}

export interface ResolvedAddress {
  /** `east/app-1` */
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

/** What a client is answered: its share, beside that of the other addresses. */
export interface AnsweredAddress extends ResolvedAddress {
  readonly weight: number;
}

/** The name of a node in DNS: `east/app-1` is `app-1.east.drill.test`. */
function targetOf(node: string): string {
  const [region, name] = node.split('/');
  return `${name ?? 'node'}.${region ?? ''}${BELOW_ZONE}`;
}

function nodeOf(target: string): string {
  const [name, ...region] = target.slice(0, -BELOW_ZONE.length).split('.');
  return `${region.join('.')}/${name ?? ''}`;
}

interface DnsReply {
  readonly bytes: Buffer;
  /** The nodes whose addresses are in it. */
  readonly nodes: readonly string[];
}

/**
 * The reply to a datagram, or null when it deserves none (it is a reply itself, or too short to
 * have an id).
 */
export function replyTo(
  datagram: Buffer,
  endpoints: AnsweredEndpoints,
  ttl_s: number,
): DnsReply | null {
  if (datagram.length < HEADER_BYTES || (datagram[2]! & RESPONSE_BIT) !== 0) return null;
  let query: DecodedPacket;
  try {
    query = packet.decode(datagram);
  } catch {
    return reply({ id: datagram.readUInt16BE(0) }, RCODE.malformed);
  }
  if (((query.flags ?? 0) & 0x7800) !== 0) return reply(query, RCODE.notImplemented);
  const question = query.questions?.length === 1 ? query.questions[0]! : null;
  if (question === null) return reply(query, RCODE.malformed);
  const records = recordsFor(question.name, question.type, endpoints, ttl_s);
  if (typeof records === 'number') return reply(query, records);
  const whole = reply(query, RCODE.ok, records);
  if (whole.bytes.length <= bytesMax(query)) return whole;
  return reply(query, RCODE.ok | packet.TRUNCATED_RESPONSE);
}

interface Records {
  readonly answers: Answer[];
  readonly additionals: Answer[];
  readonly nodes: readonly string[];
}

const NO_RECORDS: Records = { answers: [], additionals: [], nodes: [] };

/** The records that answer a question, or the response code when there are none to give. */
function recordsFor(
  asked: string,
  type: string,
  endpoints: AnsweredEndpoints,
  ttl_s: number,
): Records | number {
  const name = asked.toLowerCase();
  if (name === ZONE)
    return { ...NO_RECORDS, answers: type === 'SOA' ? [zoneRecord(endpoints)] : [] };
  const all = [...endpoints.orders, ...endpoints.postgres];
  const found =
    name === ORDERS_SERVICE
      ? endpoints.orders
      : name === DATABASE_SERVICE
        ? endpoints.postgres
        : all.filter((endpoint) => targetOf(endpoint.node) === name);
  const isService = name === ORDERS_SERVICE || name === DATABASE_SERVICE;
  if (found.length === 0) return isService ? RCODE.noAnswerYet : RCODE.noSuchName;
  const addresses = found.map((endpoint) => addressRecord(endpoint, ttl_s));
  const nodes = found.map(({ node }) => node);
  if (!isService) {
    const answers = addresses.filter((record) => type === record.type || type === 'ANY');
    return { ...NO_RECORDS, answers, nodes: answers.length === 0 ? [] : nodes };
  }
  if (type !== 'SRV' && type !== 'ANY') return NO_RECORDS;
  const answers = found.map((endpoint): Answer => {
    const { port, weight, node } = endpoint;
    const data = { priority: 0, weight, port, target: targetOf(node) };
    return { type: 'SRV', name: asked, ttl: ttl_s, data };
  });
  return { answers, additionals: addresses, nodes };
}

function addressRecord({ node, host }: GslbEndpoint, ttl: number): Answer {
  return { type: isIPv4(host) ? 'A' : 'AAAA', name: targetOf(node), ttl, data: host };
}

/** Nobody is to keep it: it says which version of the answers there is at that moment. */
function zoneRecord({ serial }: AnsweredEndpoints): Answer {
  const times = { refresh: 0, retry: 0, expire: 0, minimum: 0 };
  const data = { mname: `ns.${ZONE}`, rname: `drill.${ZONE}`, serial, ...times };
  return { type: 'SOA', name: ZONE, ttl: 0, data };
}

function reply(
  { id = 0, flags: asked = 0, questions = [] }: Pick<DecodedPacket, 'id' | 'questions' | 'flags'>,
  flags: number,
  { answers, additionals, nodes }: Records = NO_RECORDS,
): DnsReply {
  const bytes = packet.encode({
    type: 'response',
    id,
    flags: flags | packet.AUTHORITATIVE_ANSWER | (asked & packet.RECURSION_DESIRED),
    questions,
    answers,
    additionals,
  });
  return { bytes, nodes };
}

function bytesMax(query: DecodedPacket): number {
  const edns = query.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
  return edns === undefined ? PLAIN_UDP_BYTES : Math.max(PLAIN_UDP_BYTES, edns.udpPayloadSize);
}

/** A question for the records of that type of `name`. */
export function encodeQuestion(id: number, name: string, type: 'SRV' | 'SOA'): Buffer {
  return packet.encode({
    type: 'query',
    id,
    questions: [{ type, name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: EDNS_UDP_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
}

export type ParsedAnswer =
  /** Not a reply to this question: go on waiting. */
  | { readonly kind: 'other' }
  /** The server has nothing to answer yet: ask again. */
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'no-such-name' }
  | { readonly kind: 'serial'; readonly serial: number }
  | { readonly kind: 'addresses'; readonly addresses: AnsweredAddress[]; readonly ttl_s: number };

/** Reads the reply to `encodeQuestion(id, name, …)`; never throws, whatever came. */
export function parseAnswer(datagram: Buffer, id: number, name: string): ParsedAnswer {
  let came: DecodedPacket;
  try {
    came = packet.decode(datagram);
  } catch {
    return { kind: 'other' };
  }
  const asked = came.questions?.[0]?.name.toLowerCase();
  if (came.type !== 'response' || came.id !== id || asked !== name.toLowerCase()) {
    return { kind: 'other' };
  }
  if (((came.flags ?? 0) & 0xf) === RCODE.noSuchName) return { kind: 'no-such-name' };
  const hosts = new Map<string, string>();
  for (const record of came.additionals ?? []) {
    if (record.type === 'A' || record.type === 'AAAA') hosts.set(record.name, record.data);
  }
  const addresses: AnsweredAddress[] = [];
  let ttl_s = Infinity;
  for (const record of came.answers ?? []) {
    if (record.type === 'SOA') return { kind: 'serial', serial: record.data.serial ?? 0 };
    if (record.type !== 'SRV') continue;
    const host = hosts.get(record.data.target);
    if (host === undefined) continue;
    const { target, port, weight = 1 } = record.data;
    addresses.push({ node: nodeOf(target), host, port, weight });
    ttl_s = Math.min(ttl_s, record.ttl ?? 0);
  }
  return addresses.length === 0 ? { kind: 'not-yet' } : { kind: 'addresses', addresses, ttl_s };
}
