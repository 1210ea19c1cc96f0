import type { Action, MessageMedia, Place, Translation } from '../../src/model/action.ts'
import type { Change } from '../../src/model/change.ts'
import type { OutgoingActivity } from '../../src/model/outgoing.ts'
import { brief } from './people.ts'

/** What a row expects: the reason of a skip, or what is done, or both. */
export type Outcome = string | Brief[] | { skip: string; actions: Brief[] }
export type Brief = string | Record<string, unknown>

function briefPlace(place: Place): unknown {
  switch (place.kind) {
    case 'room':
      return place.roomId
    case 'direct':
      return `direct ${place.participants
        .map((p) => String(brief(p.kind === 'actor' ? p.actorId : p.userId)))
        .join(' ')}`
    case 'actor':
    case 'group':
      return brief(`${place.kind} ${place.actorId}`)
    case 'moderation':
      return place.kind
    default:
      return brief(`${place.kind} ${place.userId}`)
  }
}

type Members = Record<string, unknown>

function briefNote(activity: OutgoingActivity): Members {
  if (activity.type !== 'create' && activity.type !== 'update') return { ...activity }
  const { note, ...rest } = activity
  return { ...rest, ...note, activity: activity.id }
}

/** `usual`: what the row says already, by the names of members. */
function briefChange({ change, ...rest }: Change, usual: Members): Brief {
  const [only, ...more] = Object.values(rest) as unknown[]
  const value = more.length === 0 && typeof only === 'object' ? only : rest
  return { [change]: brief(value, usual) }
}

/** The file by its URL, and what is said where it cannot be had. */
const briefMedia = (media: MessageMedia | undefined): Members =>
  media === undefined
    ? {}
    : {
        file: media.attachment.url,
        fallback: media.fallback.body,
        ...(media.spoiler === undefined ? {} : { spoiler: media.spoiler || 'without a reason' }),
      }

function briefAction(action: Action, usual: Members): Brief[] {
  switch (action.do) {
    case 'commit':
      return action.changes.map((change) => briefChange(change, usual))
    case 'publish': {
      const { activity, do: kind, ...rest } = action
      return [
        brief(
          { [kind]: activity.type, ...briefNote(activity), type: '', ...rest },
          { type: '', ...usual },
        ) as Members,
      ]
    }
    case 'send':
    case 'edit': {
      const { text, do: kind, media, ...rest } = action
      const where = action.do === 'send' ? { place: briefPlace(action.place) } : {}
      const members = { do: kind, ...rest, ...where, ...text, ...briefMedia(media) }
      return [brief(members, { part: 0, msgtype: 'm.text', ...usual }) as Members]
    }
    case 'tell':
    case 'invite':
    case 'kick':
      return [brief({ ...action, place: briefPlace(action.place), ...linkOf(action) }) as Members]
    case 'hold':
      return [{ do: 'hold', message: action.message.eventId, text: action.text }]
    default:
      return [brief(action) as Members]
  }
}

const linkOf = (action: Action): Members =>
  action.do === 'tell' && action.link !== undefined ? { link: briefPlace(action.link) } : {}

/** A translation as a row writes it. */
export function outcomeOf(translation: Translation, usual: Members): Outcome {
  const actions = (translation.actions ?? []).flatMap((action) => briefAction(action, usual))
  if (!('skip' in translation)) return actions
  return actions.length === 0 ? translation.skip : { skip: translation.skip, actions }
}

/** Every text of a translation that a user may come to see as ours. */
export function textsOf(translation: Translation): string[] {
  return (translation.actions ?? []).flatMap((action) => {
    if (action.do === 'tell' || action.do === 'hold') return [action.text]
    return action.do === 'kick' ? [action.reason] : []
  })
}
