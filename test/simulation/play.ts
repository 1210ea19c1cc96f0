import { MatrixError } from '../fakes/homeserver.ts'
import type { Assembly } from '../../src/assembly.ts'
import { createChance, type Chance } from './chance.ts'
import { createCrashes, createStorm, planStorm, type Plan } from './storm.ts'
import { createLedger } from './ledger.ts'
import { createWorld, serverName, start, type World } from './world.ts'
import { verify } from './verify.ts'
import * as admin from './acts-admin.ts'
import * as fediverse from './acts-fediverse.ts'
import * as matrix from './acts-matrix.ts'
import * as polls from './acts-polls.ts'
import { chatMessage } from './acts-chats.ts'
import * as groups from './acts-groups.ts'
import { moveFollow } from './acts-home.ts'
import { missedPost } from './acts-missed.ts'
import { offerPins, pinMessage, pinPost } from './acts-pins.ts'
import { changeProfile, describeAccount } from './acts-profiles.ts'
import { reactToPost, reactWithEmoji } from './acts-emoji.ts'
import type { Theme } from './storm.ts'
import type { Act, Stage } from './stage.ts'
import type { Weather } from './weather.ts'

export type Outcome = {
  readonly seed: string
  /** What was promised and did not come true; empty: all did. */
  readonly violations: readonly string[]
  readonly plan: Plan
  readonly counts: Readonly<Record<string, number>>
  /** How often each kind of act was done. */
  readonly acts: ReadonlyMap<string, number>
  /** From the last act until all was quiet, milliseconds. */
  readonly settled: number
}

export type PlayOptions = {
  readonly trace?: (line: string) => void
  readonly sabotage?: (assembly: Assembly) => void
  /** Instead of those that the seed draws. */
  readonly themes?: readonly Theme[]
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const hosts = ['one.example', 'two.example', 'three.example']

/** How often each act is chosen, and of which theme it is. */
const acts: readonly (readonly [number, Act, Theme?])[] = [
  [8, matrix.acceptInvites],
  [6, matrix.post],
  [6, matrix.reply],
  [5, matrix.writeDirect],
  [3, matrix.edit],
  [2, matrix.remove],
  [4, matrix.like],
  [3, matrix.unlike],
  [3, matrix.follow],
  [1, matrix.unfollow],
  [1, matrix.rename],
  [1, matrix.askBot],
  [9, fediverse.publicPost],
  [5, fediverse.replyTo],
  [4, fediverse.directPost],
  [3, fediverse.editPost],
  [2, fediverse.deletePost],
  [3, fediverse.followUser],
  [1, fediverse.unfollowUser],
  [4, fediverse.likePost],
  [3, fediverse.unlikePost],
  [3, fediverse.boostPost],
  [2, fediverse.quotePost],
  [1, fediverse.unboostPost],
  [1, fediverse.renameAccount],
  [1.5, fediverse.blockUser],
  [0.5, admin.closeRoom],
  [4, polls.askOwn, 'polls'],
  [3, polls.voteOwn, 'polls'],
  [1, polls.endOwn, 'polls'],
  [8, polls.voteIn, 'polls'],
  [4, polls.askThere, 'polls'],
  [5, polls.voteThere, 'polls'],
  [4, polls.countThere, 'polls'],
  [6, moveFollow, 'home'],
  [6, chatMessage, 'chats'],
  [4, matrix.writeDirect, 'chats'],
  [5, reactToPost, 'emoji'],
  [5, reactWithEmoji, 'emoji'],
  [4, pinPost, 'pins'],
  [4, pinMessage, 'pins'],
  [4, changeProfile, 'profiles'],
  [3, describeAccount, 'profiles'],
  [4, groups.openGroup, 'groups'],
  [4, groups.agreeToAppear, 'groups'],
  [4, groups.followGroup, 'groups'],
  [8, groups.speakInGroup, 'groups'],
  [6, groups.nameGroup, 'groups'],
]

function chooseAct(chance: Chance, { themes }: Plan): Act {
  const offered = acts.filter(([, , theme]) => theme === undefined || themes.has(theme))
  const total = offered.reduce((sum, [weight]) => sum + weight, 0)
  let dice = chance.number() * total
  for (const [weight, act] of offered) {
    dice -= weight
    if (dice < 0) return act
  }
  return fediverse.publicPost
}

/** Without a beginning like this, most acts of a short run would find nothing to act upon. */
const openings: readonly Act[] = [
  ...[matrix.register, matrix.register, matrix.register],
  ...[matrix.follow, matrix.follow, matrix.follow, matrix.follow],
  ...[matrix.acceptInvites, matrix.acceptInvites, matrix.acceptInvites],
  ...[fediverse.followUser, fediverse.followUser, fediverse.followUser],
]

async function perform(act: Act, stage: Stage): Promise<void> {
  try {
    const line = await act(stage)
    if (line === undefined) return
    stage.note(line)
    stage.done.set(act.name, (stage.done.get(act.name) ?? 0) + 1)
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    stage.note(`not allowed: ${error.message}`)
  }
}

/** Nothing can be done in a group that is not open. */
const groupOpenings: readonly Act[] = [
  ...[groups.openGroup, groups.openGroup, groups.openGroup],
  ...[groups.agreeToAppear, groups.agreeToAppear, groups.followGroup, groups.followGroup],
]

function scheduleActs(stage: Stage, plan: Plan, fail: (error: unknown) => void): void {
  const { world, chance } = stage
  const at = (time: number, act: Act): void => {
    world.time.at(start + Math.floor(time), () => void perform(act, stage).catch(fail))
  }
  openings.forEach((act, index) => at((index + chance.number()) * 20_000, act))
  if (plan.themes.has('groups'))
    groupOpenings.forEach((act, index) => at((index + chance.number()) * 40_000, act))
  let time = 0
  for (let n = 0; n < plan.acts; n++) {
    // Some at the same moment as the one before.
    if (n === 0 || chance.happens(0.7)) time = 4 * minute + chance.number() * plan.length
    at(time + chance.int(2) * chance.int(500), chooseAct(chance, plan))
  }
  for (const { from, to } of plan.blackouts) {
    world.time.at(start + from, () => world.crash(to - from))
    const count = chance.between(1, 4)
    for (let n = 0; n < count; n++) at(from + chance.number() * (to - from), missedPost)
  }
  for (const when of plan.restarts) world.time.at(start + when, () => world.homeserver.restart())
}

async function isQuiet(world: World): Promise<boolean> {
  const { queue, homeserver, senders, time } = world
  // Whatever the bridge has still to read back is in no queue before it is there again.
  if (world.outage() !== undefined) return false
  if (homeserver.pending() > 0 || senders.waiting() > 0) return false
  // What waits for tomorrow (a follow request that nobody answered) is no unfinished work.
  const due = await queue.nextDue(['upkeep'])
  if (due !== undefined && due <= time.now() + 20 * minute) return false
  const depths = await queue.depth()
  return depths.every(({ kind, waiting }) => kind === 'upkeep' || waiting === 0)
}

/** How long it took, or undefined when it was never quiet. */
async function runUntilQuiet(world: World, patience: number): Promise<number | undefined> {
  const begin = world.time.now()
  while (world.time.now() < begin + patience) {
    // What has not ended in an hour waits for a server, and is looked at less often.
    await world.time.pass((world.time.now() < begin + hour ? 2 : 10) * minute)
    if (!(await isQuiet(world))) continue
    // What runs just then waits for nothing.
    await world.time.pass(2 * minute)
    if (await isQuiet(world)) return world.time.now() - begin
  }
  return undefined
}

function setStage(
  world: World,
  plan: Plan,
  options: { chance: Chance; note: Stage['note'] },
): Stage {
  for (const host of hosts)
    world.fediverse.server(host, {
      hasSharedInbox: host !== 'two.example',
      isSecure: host === 'three.example',
    })
  const users = ['alice', 'berta', 'carla'].map((name) =>
    world.homeserver.addUser(`@${name}:${serverName}`, { displayname: name }),
  )
  const accounts = [
    world.account('ann', 'one.example'),
    world.account('ben', 'one.example'),
    world.account('cyd', 'two.example'),
    world.account('dan', 'three.example'),
  ]
  const elapsed = (): number => world.time.now() - start
  const isAway = (side: string): boolean =>
    plan.absences.some((a) => a.side === side && a.from <= elapsed() && elapsed() < a.to)
  const ledger = createLedger()
  const people = { users, accounts, chats: new Map(), done: new Map() }
  return { world, ledger, ...people, themes: plan.themes, isAway, ...options }
}

/** What runs on the servers, as far as they tell. */
function setSoftware({ world, themes }: Stage, chance: Chance): void {
  if (!themes.has('chats') && !themes.has('emoji')) return
  const known = [
    {},
    { software: 'mastodon', softwareVersion: '4.5.0' },
    { software: 'misskey', softwareVersion: '2025.10.0' },
    { software: 'akkoma', softwareVersion: '3.15.0', features: ['pleroma_api'] },
    { software: 'pleroma', softwareVersion: '2.9.1', features: ['pleroma_chat_messages'] },
    { software: 'pleroma', softwareVersion: '2.9.1', features: ['pleroma_chat_messages'] },
  ]
  for (const host of hosts) Object.assign(world.fediverse.server(host), chance.pick(known))
}

const withRestarts = (weather: Weather, restart: () => void): Weather => ({
  ...weather,
  trouble(side) {
    const trouble = weather.trouble(side)
    if (side === 'homeserver' && trouble === 'cut-answer') restart()
    return trouble
  },
})

/** Plays one run from its seed alone, and judges it. */
export async function play(seed: string, options: PlayOptions = {}): Promise<Outcome> {
  const chance = createChance(seed)
  const plan = planStorm(chance.fork('plan'), hosts, options.themes)
  const now = (): number => world.time.now() - start
  const tell = options.trace
  const power = chance.fork('power')
  /** What ends the bridge or cuts an answer is often the end of the homeserver too. */
  const restart = (): void => {
    if (power.happens(0.4)) world.time.after(1, () => world.homeserver.restart())
  }
  const world: World = await createWorld({
    chance: chance.fork('world'),
    weather: withRestarts(
      createStorm(plan, chance.fork('weather'), () => now()),
      restart,
    ),
    crashesAt: createCrashes(plan, chance.fork('crashes'), () => now()),
    downtime: () => {
      restart()
      return chance.between(1, chance.happens(0.2) ? 600 : 20) * 1000
    },
    // Where posts wait for more, each must come out as well.
    appservice: { hasSpaces: chance.fork('spaces').happens(0.3) },
    publish: { joinMediaWithin: chance.fork('publish').pick([0, 0, 3_000, 30_000]) ?? 0 },
    ...(tell === undefined ? {} : { trace: (line) => tell(line()) }),
    ...(options.sabotage === undefined ? {} : { sabotage: options.sabotage }),
  })
  const note = (line: string): void =>
    tell?.(`${new Date(world.time.now()).toISOString()} *** ${line}`)
  const stage = setStage(world, plan, { chance: chance.fork('acts'), note })
  setSoftware(stage, chance.fork('software'))
  if (plan.themes.has('groups'))
    Object.assign(world.fediverse.server('one.example'), { software: 'lemmy' })
  if (plan.themes.has('pins')) offerPins(stage)
  const broken: string[] = []
  scheduleActs(stage, plan, (error) => broken.push(`the simulation failed: ${String(error)}`))
  await world.time.runUntil(start + plan.calmAfter)
  const settled = await runUntilQuiet(world, plan.lost === undefined ? 5 * day : 14 * day)
  const violations = [
    ...broken,
    ...(settled === undefined ? ['it never came to rest'] : []),
    ...(await verify(stage, plan)),
  ]
  const { written, posted } = stage.ledger
  const counts = {
    written: written.length,
    posted: posted.length,
    deliveries: world.fediverse.deliveries.length,
    crashes: world.crashes(),
    rooms: world.homeserver.rooms().length,
  }
  world.close()
  return { seed, violations, plan, counts, acts: stage.done, settled: settled ?? Infinity }
}
