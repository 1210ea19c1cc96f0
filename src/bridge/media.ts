import type { Deps } from './ports.ts'
import type { FetchedFile, FileFacts } from '../model/file.ts'
import type { Upload, UploadedFile, UploadKind } from '../model/upload.ts'
import { areFilesRefused } from './domain-blocks.ts'
import { fileName } from '../translate/file-name.ts'
import { RejectedError } from '../model/errors.ts'

const dayInMs = 86_400_000
/** Where the homeserver states no limit, its usual one. */
const usualLimit = 50 * 1024 * 1024

/** Bytes of a file that the homeserver takes. */
export const uploadLimit = async ({ homeserver }: Deps): Promise<number> =>
  (await homeserver.uploadLimit()) ?? usualLimit

export const pictureLimits: Readonly<Record<Exclude<UploadKind, 'attachment'>, number>> = {
  thumbnail: 5_000_000,
  avatar: 5_000_000,
  emoji: 1_000_000,
}
/** Milliseconds for one file, from whichever server. */
const fetchTimes: Readonly<Record<UploadKind, number>> = {
  attachment: 120_000,
  thumbnail: 120_000,
  avatar: 120_000,
  // The text that it stands in waits for it.
  emoji: 20_000,
}

/** What every client shows. SVG is a program. */
const pictures = /^image\/(?:png|apng|jpeg|gif|webp|avif)$/

/** Other kinds of file may be had at the same URL another time: only what its server says is remembered. */
const lastsADay: ReadonlySet<string> = new Set([
  'gone',
  'not-found',
  'not-permitted',
  'not-activitypub',
  'hostile',
  'forbidden-address',
  'forbidden-url',
  'empty-file',
])

function check(facts: FileFacts, kind: UploadKind, url: string): void {
  if (kind === 'attachment' || pictures.test(facts.mediaType)) return
  throw new RejectedError(`${url} is ${facts.mediaType}`, { code: 'not-an-image' })
}

async function limitOf(kind: UploadKind, deps: Deps): Promise<number> {
  const own = await uploadLimit(deps)
  const wanted = kind === 'attachment' ? (deps.mediaRules.maxSize ?? own) : pictureLimits[kind]
  return Math.min(own, wanted)
}

/** Asked at most once a day for each file. */
async function isStillThere(upload: Upload, file: UploadedFile, deps: Deps): Promise<boolean> {
  const now = deps.clock.now()
  if (now - upload.usedAt < dayInMs) return true
  if (!(await deps.homeserver.hasMedia(file.mxc))) return false
  await deps.store.commit([{ change: 'put-upload', upload: { ...upload, usedAt: now } }])
  return true
}

/** A refusal of its server is kept, so that it is not asked again for every post that names the file. */
async function fetchOrRemember(
  url: string,
  bounds: { readonly maxBytes: number; readonly timeout: number },
  deps: Deps,
): Promise<FetchedFile> {
  try {
    return await deps.fediverse.fetchFile(url, bounds)
  } catch (error) {
    if (error instanceof RejectedError && lastsADay.has(error.code ?? '')) {
      const now = deps.clock.now()
      const upload = { url, fetchedAt: now, usedAt: now }
      await deps.store.commit([{ change: 'put-upload', upload }])
    }
    throw error
  }
}

async function transfer(url: string, kind: UploadKind, deps: Deps): Promise<UploadedFile> {
  // First, so that nothing is fetched again and again while the homeserver is away.
  const maxBytes = await limitOf(kind, deps)
  const { file, facts } = await fetchOrRemember(url, { maxBytes, timeout: fetchTimes[kind] }, deps)
  try {
    check(facts, kind, url)
    const name = fileName({ url }, facts.mediaType)
    const { mediaType } = facts
    const mxc = await deps.homeserver.upload({ source: file, mediaType, name })
    const seen = kind === 'attachment' ? await deps.look(file, facts) : facts
    const uploaded: UploadedFile = { ...seen, mxc, size: file.size }
    const now = deps.clock.now()
    const upload = { url, file: uploaded, fetchedAt: now, usedAt: now }
    await deps.store.commit([{ change: 'put-upload', upload }])
    return uploaded
  } finally {
    await file.discard()
  }
}

/**
 * The file at that URL on our homeserver: uploaded once, and again when the homeserver has lost it.
 * `TransientError` when it cannot be had just now. `RejectedError` when it cannot be had: its server
 * refuses it (not asked again for a day), the admin wants no files of its domain, or it is too large, or, for all kinds but attachments, no
 * picture that clients show. Safe to repeat: at worst a copy that nobody uses is left.
 */
export async function ensureMedia(
  url: string,
  kind: UploadKind,
  deps: Deps,
): Promise<UploadedFile> {
  if (await areFilesRefused(url, deps))
    throw new RejectedError(`${url}: no files of its domain are wanted`, { code: 'domain-blocked' })
  return deps.locks(`media ${url}`, async () => {
    const known = await deps.store.findUpload(url)
    const file = known?.file
    if (known !== undefined && file !== undefined && (await isStillThere(known, file, deps))) {
      check(file, kind, url)
      return file
    }
    const isRefused = known !== undefined && file === undefined
    if (isRefused && deps.clock.now() - known.fetchedAt < dayInMs)
      throw new RejectedError(`${url} could not be had today`, { code: 'refused-before' })
    return deps.inTurn(URL.parse(url)?.host ?? '', () => transfer(url, kind, deps))
  })
}
