import { everybody } from '../fakes/fediverse.ts'
import type { Arrival } from './seen.ts'
import { reaches, type Shown } from './seen.ts'
import type { Plan } from './storm.ts'
import type { Stage } from './stage.ts'
import { newestMark, type Written } from './ledger.ts'

export type Judge = {
  readonly stage: Stage
  readonly plan: Plan
  /** Accounts of which somebody was told that they cannot be found just now. */
  readonly unfound: ReadonlySet<string>
  readonly shown: readonly Shown[]
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** What became of one message of a Matrix user on the fediverse. */
export function verifyWritten(written: Written, all: readonly Arrival[], judge: Judge): string[] {
  const { stage, plan } = judge
  const marks = [written.mark, ...written.edits]
  // A Create that was put off tells what the message says by then.
  const creates = all.filter(
    (a) => a.type === 'Create' && marks.some((mark) => a.content.includes(mark)),
  )
  const objects = new Set(creates.map(({ object }) => object))
  if (objects.size > 1) return [`${written.mark} became ${objects.size} objects`]
  if (new Set(creates.map(({ id }) => id)).size > 1)
    return [`${written.mark} was told by several activities`]
  const [object] = objects
  const about = object === undefined ? [] : all.filter((a) => a.object === object)
  return [
    ...reached(written, creates, judge),
    ...leaked(written, about, stage),
    ...(written.to !== undefined && !isMurky(written, judge) ? addressed(written, creates) : []),
    ...creates
      .filter(({ host }) => host !== plan.lost)
      .flatMap((create) => versions(written, create, { about, stage })),
  ].map((problem) => `${written.mark}: ${problem}`)
}

function reached(written: Written, creates: readonly Arrival[], judge: Judge): string[] {
  const { stage, plan, unfound } = judge
  if (isAnswerToNothing(written, judge) || isToldClosed(written, judge)) return []
  return (
    stage.accounts
      .filter(
        (account) => written.must.includes(account.id) && isStillOwed(account.id, written, stage),
      )
      .filter((account) => account.host !== plan.lost && !unfound.has(account.id))
      .filter((account) => !creates.some((create) => reaches(create, account)))
      // A message deleted before it went out need not have gone out; none is owed to nobody.
      .filter(() => !written.isDeleted)
      .map((account) => `never reached ${account.handle}`)
  )
}

/** What it answers was deleted before it went out, and its author reads so below it. */
const isAnswerToNothing = (
  { answers, eventId, roomId }: Written,
  { stage, shown }: Judge,
): boolean =>
  answers?.isDeleted === true &&
  shown.some(({ roomId: where, index, text }) => {
    if (where !== roomId || !text.startsWith('Not sent: ')) return false
    const content = stage.world.homeserver.timeline(where)[index]?.['content']
    return JSON.stringify(content).includes(eventId)
  })

/** Its room was closed while it waited for more, and its author reads so in private. */
const isToldClosed = ({ mark, edits }: Written, { shown }: Judge): boolean =>
  shown.some(
    ({ text }) =>
      text.startsWith('Not sent: the room was closed') &&
      [mark, ...edits].some((one) => text.includes(one)),
  )

/** Who unfollowed or blocked afterwards may or may not have got what was under way. */
function isStillOwed(account: string, written: Written, { ledger }: Stage): boolean {
  const hasBlocked = ledger.blocks.some((b) => b.account.id === account && b.user === written.by)
  if (hasBlocked) return false
  if (written.kind !== 'profile') return true
  return ledger.followers.some(
    (f) => f.account.id === account && f.user === written.by && f.undoId === undefined,
  )
}

/** Every inbox belongs to somebody who may get it. */
function leaked(
  written: Written,
  about: readonly Arrival[],
  { accounts, ledger }: Stage,
): string[] {
  const mayGet = new Set(written.may)
  if (written.to === undefined)
    for (const f of ledger.followers)
      // Asked before, but not yet taken in when the message was written: either is right.
      if (f.user === written.by && (f.undoId === undefined || f.askedAt >= written.at))
        mayGet.add(f.account.id)
  const allowed = accounts.filter(({ id }) => mayGet.has(id))
  return about
    .filter((arrival) => ['Create', 'Update', 'Delete'].includes(arrival.type))
    .filter((arrival) => !allowed.some((account) => reaches(arrival, account)))
    .map((arrival) => `${arrival.type} leaked to ${arrival.inbox}`)
}

function addressed(written: Written, creates: readonly Arrival[]): string[] {
  const wanted = [...(written.to ?? [])].sort().join(' ')
  return creates.flatMap(({ activity, account }) => {
    const to = [...strings(activity['to'])].sort().join(' ')
    const cc = strings(activity['cc'])
    return [
      ...(to === wanted && cc.length === 0
        ? []
        : [`is to ${to} cc ${cc.join(' ')}, not ${wanted}`]),
      ...(account === undefined ? ['went to a shared inbox'] : []),
      ...([...strings(activity['to']), ...cc].includes(everybody) ? ['is public'] : []),
    ]
  })
}

/** Who got the message also got what became of it, in this order. */
function versions(
  written: Written,
  create: Arrival,
  { about, stage }: { readonly about: readonly Arrival[]; readonly stage: Stage },
): string[] {
  const here = about.filter(({ inbox }) => inbox === create.inbox)
  const types = here.map(({ type }) => type)
  const where = ` at ${create.inbox}`
  const problems: string[] = []
  if (types[0] !== 'Create') problems.push(`${types[0] ?? ''} came before Create${where}`)
  const deletion = types.indexOf('Delete')
  if (written.isDeleted && deletion === -1) problems.push(`was not deleted${where}`)
  if (!written.isDeleted && deletion !== -1) problems.push(`was deleted by nobody${where}`)
  if (deletion !== -1 && deletion !== types.length - 1)
    problems.push(`was told after Delete${where}`)
  const told = here.filter(({ type }) => type === 'Create' || type === 'Update')
  const texts = told.map(({ content }) => content)
  const newest = texts.at(-1) ?? ''
  // Whoever blocked the author since reads no later version.
  const isBarred = stage.ledger.blocks.some(
    ({ account, user }) => user === written.by && reaches(create, account),
  )
  if (!written.isDeleted && !isBarred && !newest.includes(newestMark(written)))
    problems.push(`ends as ${newest}, not with ${newestMark(written)}${where}`)
  return problems
}

/** Who blocks just then is addressed still, or not any more; whose server is lost may never be found. */
const isMurky = ({ by, to = [] }: Written, { stage, plan, unfound }: Judge): boolean =>
  stage.ledger.blocks.some((b) => b.user === by && to.includes(b.account.id)) ||
  stage.accounts.some(({ id, host }) => to.includes(id) && (host === plan.lost || unfound.has(id)))
