import type { Deps } from './ports.ts'
import type { LocalActor, MatrixProfile, ProfileText } from '../model/actor.ts'
import type { UserId } from '../model/ids.ts'
import { toFediverseHtml, type FediverseHtml } from '../translate/html-to-fediverse.ts'
import type { KnownEmojis } from '../translate/own-emojis.ts'
import type { MessageBody } from '../translate/mentions.ts'

/** Words for a profile: links and hashtags become links, nobody is mentioned. */
export function renderProfile(body: MessageBody, deps: Deps, emojis?: KnownEmojis): FediverseHtml {
  const { publicUrl } = deps.identity
  return toFediverseHtml({
    ...body,
    ...(emojis === undefined ? {} : { emojis }),
    hashtagUrl: (name) => `${publicUrl}/tags/${encodeURIComponent(name.toLowerCase())}`,
  })
}

const longestBio = 2_000

/** Undefined: it is empty, or too long to stand in a profile. */
export function bioOf(bio: MessageBody | undefined, deps: Deps): ProfileText | undefined {
  const { html } = bio === undefined ? { html: '' } : renderProfile(bio, deps)
  const isFit = html !== '' && html.length <= longestBio * 5
  return isFit ? { source: bio?.body.slice(0, longestBio) ?? '', html } : undefined
}

/** What the profile of a user on Matrix makes of their account on the fediverse. */
export async function matrixProfileOf(
  userId: UserId,
  deps: Deps,
): Promise<Pick<LocalActor, 'displayName' | 'avatar' | 'onMatrix'>> {
  const { bio, header, ...basic } = await deps.homeserver.profile(userId)
  const text = bioOf(bio, deps)
  const further: MatrixProfile = {
    ...(text === undefined ? {} : { bio: text }),
    ...(header === undefined ? {} : { header }),
  }
  return { ...basic, ...(Object.keys(further).length === 0 ? {} : { onMatrix: further }) }
}
