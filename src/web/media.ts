import { Router, type Request, type Response } from 'express'
import type { Clock, Log } from '../model/clock.ts'
import type { MediaAccess, ServedFile } from '../model/media.ts'
import { parseByteRange } from './byte-range.ts'
import { clientOf } from './client.ts'
import { createFacts, type Facts, type FactsDeps, type Prepared } from './media-facts.ts'
import { ClientGone, createPen, type Pen, type PenLimits } from './pen.ts'
import { createTurns, type TurnLimits } from './turns.ts'

export type MediaDeps = FactsDeps & {
  readonly findMedia: (
    id: string,
  ) => Promise<{ readonly media: ServedFile; readonly access: MediaAccess } | undefined>
  readonly clock: Clock
  readonly log: Log
  readonly limits?: Partial<PenLimits & TurnLimits>
}

const defaults: PenLimits & TurnLimits = {
  ...{ perClient: 16, inAll: 64, longestWait: 10_000, waitingPerClient: 64, waitingInAll: 1_000 },
  // 16 bytes a millisecond: a gigabyte may take a night, nobody keeps a line open for less.
  ...{ idle: 30_000, grace: 60_000, leastRate: 16 },
}

/** Path below `/media`, as it came: nothing in it is decoded. */
const idForm = /^\/([A-Za-z0-9_-]{22})$/
/** Seconds. What is not for everybody is in nobody's cache for long. */
const publicAge = 86_400
const privateAge = 60
/** Seconds after which a server that could not be served now may come again. */
const comeAgain = '10'

function refuse(response: Response, status: number, error: string): void {
  response.status(status).set('cache-control', 'no-store').json({ error })
}

const fixedHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
} as const

/** RFC 8187; a browser makes a harmless file name of whatever it says. */
function dispositionOf({ isInline }: Facts, { name }: ServedFile): string {
  const kind = isInline ? 'inline' : 'attachment'
  if (name === undefined) return kind
  const escape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, escape)
  return `${kind}; filename*=UTF-8''${encoded}`
}

/** What of the file is wanted; without `end`, all there is. */
type Span = { readonly start: number; readonly end?: number; readonly isPart: boolean }

/** Undefined: a part that it does not have. */
function spanOf(request: Request, { size }: Facts, etag: string): Span | undefined {
  if (size === undefined) return { start: 0, isPart: false }
  const condition = request.get('if-range')
  const isAsked = request.method === 'GET' && (condition === undefined || condition === etag)
  const range = parseByteRange(isAsked ? request.get('range') : undefined, size)
  if (range === 'unsatisfiable') return undefined
  return { ...(range ?? { start: 0, end: size }), isPart: range !== undefined }
}

async function writeCopy(
  { copy }: Required<Prepared>,
  { start, end = copy.size }: Span,
  pen: Pen,
): Promise<void> {
  for await (const chunk of copy.read(start, end)) await pen.write(chunk)
}

/** Said to ourselves when all that was wanted has come, and more would. */
class Enough extends Error {}

/** Straight from the homeserver to the client, also when the first gives more than is wanted. */
async function passOn(
  media: ServedFile,
  { start, end = Infinity }: Span,
  { pen, signal, deps }: { pen: Pen; signal: AbortSignal; deps: MediaDeps },
): Promise<void> {
  if (start >= end) return
  const isWhole = start === 0
  let at = 0
  const write = (chunk: Uint8Array): void | Promise<void> => {
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.length, end - at)
    at += chunk.length
    if (to > from)
      return pen.write(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to))
    if (at > end) throw new Enough()
  }
  try {
    const isThere = await deps.open(media.mxc, {
      ...(isWhole ? {} : { range: { first: start, last: end - 1 } }),
      signal,
      take: (head) => {
        if (head.start > start) throw new Error(`asked for byte ${start}, got ${head.start}`)
        at = head.start
        return { write }
      },
    })
    if (!isThere) throw new Error('the file went away')
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  if (end !== Infinity && at < end) throw new Error(`${at} bytes instead of ${end}`)
}

/** Bytes that a custom emoji may have: most servers take less. */
const largestPicture = 5_000_000

/** Whoever names a picture of theirs could name any file. */
const isAsPromised = ({ facts }: Prepared, { isPicture }: ServedFile): boolean =>
  isPicture !== true ||
  (facts.isInline && facts.type.startsWith('image/') && (facts.size ?? 0) <= largestPicture)

type Answering = {
  readonly request: Request
  readonly response: Response
  readonly media: ServedFile
  readonly etag: string
  readonly deps: MediaDeps
  readonly signal: AbortSignal
}

async function writeBody(
  prepared: Prepared,
  span: Span,
  { response, media, deps, signal }: Answering,
): Promise<void> {
  const pen = createPen(response, { ...defaults, ...deps.limits })
  const { facts, copy } = prepared
  if (copy === undefined) {
    await passOn(media, span, { pen, signal, deps })
    return pen.end()
  }
  try {
    await writeCopy({ facts, copy }, span, pen)
  } catch (error) {
    // The copy was pushed out before it was opened.
    if (error instanceof ClientGone || response.headersSent) throw error
    await passOn(media, span, { pen, signal, deps })
  }
  return pen.end()
}

async function send(prepared: Prepared, answering: Answering): Promise<void> {
  const { request, response, media, etag } = answering
  const { facts } = prepared
  const span = spanOf(request, facts, etag)
  if (facts.size !== undefined) response.set('accept-ranges', 'bytes')
  if (span === undefined) {
    response.set('content-range', `bytes */${facts.size ?? '*'}`)
    refuse(response, 416, 'the file has no such part')
    return
  }
  response.set('content-type', facts.type)
  response.set('content-disposition', dispositionOf(facts, media))
  const { start, end, isPart } = span
  if (end !== undefined) response.set('content-length', String(end - start))
  if (isPart && end !== undefined)
    response.status(206).set('content-range', `bytes ${start}-${end - 1}/${facts.size ?? '*'}`)
  if (request.method === 'HEAD') response.end()
  else await writeBody(prepared, span, answering)
}

/** A file that cannot be had now is no file that is gone: servers would remember that. */
function excuse(error: unknown, { response, media, deps }: Answering): void {
  if (error instanceof ClientGone || response.destroyed) return
  deps.log.warn({ err: error, mxc: media.mxc }, 'a file could not be sent')
  if (response.headersSent) {
    // What was announced does not come: the client must not take it for the whole.
    response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.set('retry-after', comeAgain)
  refuse(response, 503, 'the file cannot be had now')
}

/**
 * `GET /media/:id`: files of our notes, and no other media of the homeserver. Never a page or a
 * program: what is no picture, film or sound is a download. Nothing is held in memory as a whole.
 */
export function mediaRoutes(deps: MediaDeps): Router {
  const turns = createTurns({ ...defaults, ...deps.limits }, deps.clock)
  const prepare = createFacts(deps)
  let unknownClients = 0

  const answer = async (answering: Answering): Promise<void> => {
    const { request, response, media, signal } = answering
    const forwarded = request.headers['x-forwarded-for']
    const client = clientOf(request.socket.remoteAddress, forwarded)
    // Who cannot be told from others shares only what all share.
    const release = await turns.take(client ?? `unknown ${(unknownClients += 1)}`, signal)
    if (release === undefined) {
      response.set('retry-after', comeAgain)
      refuse(response, 429, 'too many files at once')
      return
    }
    try {
      const prepared = await prepare(media)
      if (prepared === undefined || !isAsPromised(prepared, media))
        refuse(response, 404, 'the file is no longer there')
      else await send(prepared, answering)
    } catch (error) {
      excuse(error, answering)
    } finally {
      release()
    }
  }

  const router = Router()
  router.use('/media', async (request, response) => {
    const id = idForm.exec(request.path)?.[1]
    const found = id === undefined ? undefined : await deps.findMedia(id)
    if (found === undefined) {
      refuse(response, 404, 'no such file')
      return
    }
    if (found.access === 'gone') {
      refuse(response, 410, 'the file is deleted')
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.set('allow', 'GET, HEAD')
      refuse(response, 405, 'files are only read')
      return
    }
    const { media, access } = found
    const etag = `"${media.id}"`
    const age =
      access === 'public' ? `public, max-age=${publicAge}` : `private, max-age=${privateAge}`
    response.set({ ...fixedHeaders, etag, 'cache-control': age })
    if (request.fresh) return void response.status(304).end()
    const over = new AbortController()
    response.once('close', () => over.abort(new ClientGone('went away')))
    await answer({ request, response, media, etag, deps, signal: over.signal })
  })
  return router
}
