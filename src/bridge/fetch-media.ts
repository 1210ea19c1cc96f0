import type { Action, MatrixAction } from '../model/action.ts'
import type { Attachment } from '../model/note.ts'
import type { Attempt } from './attempt.ts'
import type { Emoji } from '../model/content.ts'
import type { Deps } from './ports.ts'
import type { UploadedFile, UploadKind } from '../model/upload.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { areFilesRefused } from './domain-blocks.ts'
import { ensureMedia } from './media.ts'
import { isShown } from './shown.ts'

/** Files that can be shown, by their URLs. */
export type FoundMedia = ReadonlyMap<string, UploadedFile>

type Wanted = {
  readonly url: string
  readonly kind: UploadKind
  /** Its server says what we would look for: how a picture looks, how long anything else is. */
  readonly isDescribed: boolean
}

/** Tries of a job before a link has to do: the last comes a quarter of a minute after the first. */
const tries = 4
const atOnce = 4
/** For all files of one post together, milliseconds; what came is kept for the next try. */
const patience = 180_000

type Showing = Extract<MatrixAction, { do: 'send' | 'edit' }>

const isShowing = (action: Action): action is Showing =>
  action.do === 'send' || action.do === 'edit'

/** Pictures in the text, or that a reaction is. */
function emojisOf(action: Action, { mediaRules }: Deps): readonly Emoji[] {
  if (isShowing(action))
    return [...(action.text.emojis ?? []), ...(action.media?.fallback.emojis ?? [])]
  const isPicture = action.do === 'react' && mediaRules.emojiReactions === 'picture'
  return isPicture && action.emoji !== undefined ? [action.emoji] : []
}

function isDescribed({ type, mediaType, blurhash, duration }: Attachment): boolean {
  if (/^image\b/i.test(mediaType ?? type)) return blurhash !== undefined
  return duration !== undefined
}

function wantedOf(actions: readonly Action[], deps: Deps): Wanted[] {
  const wanted = new Map<string, Wanted>()
  const want = (url: string, kind: UploadKind, isKnown = true): void => {
    if (!wanted.has(url)) wanted.set(url, { url, kind, isDescribed: isKnown })
  }
  const shown = actions.flatMap((action) =>
    isShowing(action) && action.media !== undefined ? [action.media.attachment] : [],
  )
  for (const attachment of shown) want(attachment.url, 'attachment', isDescribed(attachment))
  for (const { thumbnail } of shown) if (thumbnail !== undefined) want(thumbnail, 'thumbnail')
  for (const action of actions) for (const { url } of emojisOf(action, deps)) want(url, 'emoji')
  return [...wanted.values()]
}

/** An edit that changes nothing needs no file, and of some domains the admin wants none. */
async function changing(actions: readonly Action[], deps: Deps): Promise<readonly Action[]> {
  const left: Action[] = []
  for (const action of actions) {
    const needsFile = isShowing(action) && action.media !== undefined
    if (!needsFile && emojisOf(action, deps).length === 0) continue
    // Its files may be at a name of their own.
    if (isShowing(action) && (await areFilesRefused(action.from, deps))) continue
    if (action.do !== 'edit' || !(await isShown(action, deps))) left.push(action)
  }
  return left
}

type Fetching = { readonly attempt: Attempt; readonly end: number; readonly deps: Deps }

const asItIs: Deps['look'] = async (_, facts) => facts

/** Undefined: it cannot be had, or not soon enough. Throws when another try is worth it. */
async function fetchOne(
  { url, kind, isDescribed }: Wanted,
  { attempt, end, deps }: Fetching,
): Promise<UploadedFile | undefined> {
  const { failures = 0, away = new Set<string>() } = attempt
  const host = URL.parse(url)?.host ?? ''
  if (away.has(host)) return undefined
  try {
    if (deps.clock.now() >= end) throw new TransientError(`${url} has to wait for the next try`)
    return await ensureMedia(url, kind, isDescribed ? { ...deps, look: asItIs } : deps)
  } catch (error) {
    const isAway = error instanceof TransientError && error.of === 'remote'
    const isFinal = kind !== 'attachment' || failures >= tries - 1
    if (!(error instanceof RejectedError) && !(isAway && isFinal)) throw error
    if (isAway) away.add(host)
    deps.log.info({ url, kind, reason: error.message }, 'a file is not shown')
    return undefined
  }
}

/**
 * Brings every file that the actions show to the homeserver, a few at once, before anything of them
 * is said: a post stands whole in its room or waits. What cannot be had is missing in the answer.
 */
export async function fetchMedia(
  actions: readonly Action[],
  attempt: Attempt,
  deps: Deps,
): Promise<FoundMedia> {
  const found = new Map<string, UploadedFile>()
  const wanted = wantedOf(await changing(actions, deps), deps).values()
  const failures: unknown[] = []
  const fetching = { attempt, end: deps.clock.now() + patience, deps }
  const fetchSome = async (): Promise<void> => {
    for (const one of wanted) {
      try {
        const file = await fetchOne(one, fetching)
        if (file !== undefined) found.set(one.url, file)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, fetchSome))
  if (failures.length > 0) throw failures[0]
  return found
}
