import type { RoomAlias, UserId } from './ids.ts'
import type { Visibility } from './audience.ts'

/**
 * What an account says that others may do with it. Absent: it does not say so. Nothing that is absent
 * lets anybody do anything: who says nothing is in no directory and no search.
 */
export type Wishes = {
  /** No bridge: `#nobridge`, or `bridgeable: false` (FEP-0036). */
  readonly noBridge?: true
  /** Nothing that a program does by itself: `#nobot`. */
  readonly noBots?: true
  /** Its own server keeps it away from everybody. */
  readonly isSuspended?: true
  /** It stands for somebody on Matrix itself, by another bridge (FEP-fffd). */
  readonly isOfMatrix?: true
  /** Whom it says to stand for there; anybody can say so. */
  readonly matrixUser?: UserId
  /** The same of a room. */
  readonly matrixRoom?: RoomAlias
  /** It may stand in directories. */
  readonly isDiscoverable?: true
  /** Its public posts may be found by their words (FEP-5feb). */
  readonly isIndexable?: true
  /** What it writes for everybody is for nobody who is not logged in, on any page (GoToSocial). */
  readonly hidesPublic?: true
  /** The same of its unlisted posts. */
  readonly hidesUnlisted?: true
}

/** Whether a post of that visibility is to stand on no page that everybody can open. */
export const isOffPages = (wishes: Wishes | undefined, visibility: Visibility): boolean =>
  (visibility === 'public' && wishes?.hidesPublic === true) ||
  (visibility === 'unlisted' && wishes?.hidesUnlisted === true)

/** Why nothing of an account is bridged. */
export type OptOut = 'barred' | 'asked' | 'suspended' | 'of-matrix'

/** Why nothing of an account is bridged that wishes so. Undefined: it may be. */
export function refusalIn(wishes: Wishes | undefined): OptOut | undefined {
  if (wishes?.noBridge === true) return 'asked'
  if (wishes?.isSuspended === true) return 'suspended'
  return wishes?.isOfMatrix === true ? 'of-matrix' : undefined
}

type Named = {
  readonly handle: string
  readonly isGroup: boolean
}

/** In words, without an end: what that account says or is. */
export const whyLeftAlone = ({ handle, isGroup }: Named, why: OptOut): string =>
  why === 'of-matrix' && isGroup
    ? `${handle} is a room on Matrix, which another bridge shows on the fediverse`
    : reasons[why](handle)

const reasons: Readonly<Record<OptOut, (handle: string) => string>> = {
  barred: (handle) => `The admin of this server has suspended ${handle}`,
  asked: (handle) => `${handle} does not want to be bridged`,
  suspended: (handle) => `the server of ${handle} has suspended it`,
  'of-matrix': (handle) =>
    `${handle} is somebody on Matrix, whom another bridge shows on the fediverse`,
}
