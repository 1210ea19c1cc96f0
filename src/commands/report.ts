import type { Answer, Command, CommandContext, CommandResult } from './command.ts'
import type { DomainBlock } from '../model/domain-block.ts'
import type { RemoteActor } from '../model/actor.ts'
import type { Accused } from '../bridge/send-report.ts'
import { longestReport } from '../model/report.ts'
import { asObjectId } from '../model/ids.ts'
import type { ObjectRecord } from '../model/note.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { postAnswered } from '../bridge/answered.ts'
import { suspensionOfActor } from '../bridge/domain-blocks.ts'
import { handleOfActor } from '../bridge/follows.ts'
import { actorOf } from '../bridge/ghosts.ts'
import { postAtPage } from '../bridge/resolve-consent.ts'
import { hasReportedEnough, sendReport } from '../bridge/send-report.ts'
import { isOwnId } from '../bridge/new-ids.ts'
import { displayHandle, parseTarget, parseUserId } from '../model/names.ts'
import { findTarget } from './target.ts'
import { awayBy } from './command.ts'
import { quote } from './words.ts'

/** Who is reported, or the answer to give. */
type Found = Accused | { readonly result: CommandResult }

const answer = (text: string): Found => ({ result: { text } })

const isHere = (who: string): Found =>
  answer(
    `${who} is on this server: report them with your Matrix client, which tells the admins here.`,
  )

async function ofPost(record: ObjectRecord, { deps }: CommandContext): Promise<Found> {
  if (record.isLocal) return isHere(await handleOfActor(record.author, deps))
  return { account: record.author, post: record.id }
}

async function ofAccount(name: string, { deps }: CommandContext): Promise<Found> {
  const target = await findTarget(name, deps)
  if (target.kind === 'nobody') return { result: target.result }
  if (target.kind === 'local') return isHere(await handleOfActor(target.actor.id, deps))
  return { account: target.actor.id }
}

/** A link may be of a post, known here or not, or of an account. */
async function ofLink(url: string, context: CommandContext): Promise<Found> {
  const { deps } = context
  const known = await postAtPage(url, deps)
  if (known !== undefined) return ofPost(known, context)
  if (isOwnId(url, deps)) return ofAccount(url, context)
  try {
    const note = await deps.fediverse.openNote(url)
    const ours = isOwnId(note.id, deps) ? await deps.store.findObject(note.id) : undefined
    if (ours !== undefined) return await ofPost(ours, context)
    await actorOf(note.author, deps)
    return { account: note.author, post: asObjectId(note.id) }
  } catch (error) {
    if (error instanceof RejectedError) return ofAccount(url, context)
    if (!(error instanceof TransientError) || error.of !== 'remote') throw error
    return { result: awayBy(new URL(url).host, error) }
  }
}

async function named(word: string, context: CommandContext): Promise<Found> {
  const target = parseTarget(word)
  return target !== undefined && 'url' in target
    ? ofLink(target.url, context)
    : ofAccount(word, context)
}

const isName = (word: string): boolean =>
  parseTarget(word) !== undefined || parseUserId(word) !== undefined

const whom: Answer = {
  text: 'Reply with `report <reason>` to the post that you mean, or name it: `report <link> <reason>`, or an account: `report <@user@host> <reason>`.',
}

type Asked = { readonly find: () => Promise<Found>; readonly reason: string }

/** In a reply everything is the reason; else the first word says who is meant. */
async function readAsked(text: string, context: CommandContext): Promise<Asked | Answer> {
  const { message, deps } = context
  const post = await postAnswered(message, deps)
  if (post !== undefined) return { find: () => ofPost(post, context), reason: text }
  const [word = ''] = /^\S+/.exec(text) ?? []
  if (!isName(word)) return whom
  return { find: () => named(word, context), reason: text.slice(word.length).trim() }
}

async function unfit(
  reason: string,
  { sender, deps }: CommandContext,
): Promise<Answer | undefined> {
  if (reason === '')
    return {
      text: 'Say why, so that their admins can judge it: the same again, with the reason behind it.',
    }
  if (reason.length > longestReport)
    return {
      text: `That is too long: a reason has at most ${longestReport} characters. Shorten it and send it again.`,
    }
  if (await hasReportedEnough(sender, deps))
    return {
      text: "You have reported 20 times today, and I pass on no more. Write to this server's admin.",
    }
  return undefined
}

function reportedThere(account: RemoteActor): string {
  const handle = displayHandle(account)
  return `Reported to the admins of ${account.host}, without your name, and to those of this server. \`block ${handle}\` stops everything between you and ${handle}.`
}

const reportedHere = ({ domain }: DomainBlock): string =>
  `Reported to the admins of this server. They have blocked ${domain}, so its admins are not told.`

export const report: Command = {
  name: 'report',
  args: '[<@user@host> | <link>] <reason>',
  help: "Reports the post that you reply to, or an account, to its server's admins.",
  more: 'They read your reason, and that it comes from this server, but not from whom; the admins of this server are told that it was you. `block` stops everything between you and the account.',
  examples: ['report spam', 'report @user@social.example sends the same to everybody'],
  group: 'Follow',
  permission: 'follow',
  takes: [0, 0],
  takesText: true,
  doing: () => 'Looking up what you report.',
  run: async ({ text }, context) => {
    const { sender, deps } = context
    const asked = await readAsked(text, context)
    if ('text' in asked) return asked
    const refusal = await unfit(asked.reason, context)
    if (refusal !== undefined) return refusal
    const found = await asked.find()
    if ('result' in found) return found.result
    const account = await deps.store.findRemoteActor(found.account)
    if (account === undefined)
      return { text: `${quote(found.account)} is not there any more: there is nobody to tell.` }
    const barred = await suspensionOfActor(account.id, deps)
    const isForHereAlone = barred !== undefined
    return {
      text: barred === undefined ? reportedThere(account) : reportedHere(barred),
      actions: sendReport(found, { reporter: sender, text: asked.reason, isForHereAlone }, deps),
    }
  },
}
