import { asObjectId } from '../model/ids.ts'
import type { Activity } from '../model/activity.ts'
import type { ActivityId, ActorId } from '../model/ids.ts'
import { authorsOf } from './parse-note.ts'
import { bounds, idOf, isJson, isSameHost, languageText, listOf, typesOf } from './parse-values.ts'
import type { Json } from './parse-values.ts'

type Head = { readonly id: ActivityId; readonly actor: ActorId }

type Choice = { readonly poll: string; readonly name: string }

/** A note that names an option and says nothing: Pleroma calls it Answer. */
function choiceOf(value: unknown, actor: ActorId): Choice | undefined {
  if (!isJson(value)) return undefined
  const isNote = typesOf(value).some((type) => type === 'Note' || type === 'Answer')
  const name = languageText(value, 'name', bounds.name)
  const poll = idOf(value['inReplyTo'])
  if (!isNote || name === undefined || poll === undefined) return undefined
  const says = languageText(value, 'content', bounds.content)?.trim() ?? ''
  if (says !== '' || listOf(value['attachment']).length > 0) return undefined
  const id = idOf(value)
  const isTheirs = id !== undefined && isSameHost(id, actor) && authorsOf(value).includes(actor)
  return isTheirs ? { poll, name } : undefined
}

/** A Create that votes, with one choice or (GoToSocial) with all of them; undefined: it is no vote. */
export function readVote(document: Json, head: Head): Activity | undefined {
  const values = listOf(document['object']).slice(0, bounds.options)
  const choices = values.map((value) => choiceOf(value, head.actor))
  const [first] = choices
  if (first === undefined) return undefined
  const names = choices.flatMap((choice) => (choice?.poll === first.poll ? [choice.name] : []))
  return { ...head, type: 'vote', object: asObjectId(first.poll), choices: [...new Set(names)] }
}
