import type { Chance } from './chance.ts'
import type { Side, Trouble, Weather } from './weather.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** What goes wrong in one run, and until when. */
export type Plan = {
  /** Acts happen within this time. */
  readonly length: number
  /** From then on the weather is good. */
  readonly calmAfter: number
  readonly acts: number
  readonly troubleRate: number
  readonly copyRate: number
  readonly crashRate: number
  readonly mostCrashes: number
  readonly absences: readonly Absence[]
  /** When the homeserver restarts and forgets its transaction ids. */
  readonly restarts: readonly number[]
  /** A server that is away for longer than deliveries are tried. */
  readonly lost?: Side
  /** What people do besides writing, following and liking. */
  readonly themes: ReadonlySet<Theme>
  /** When the bridge itself is away, and posts are given up by their servers. */
  readonly blackouts: readonly Blackout[]
}

const drawnThemes = ['polls', 'home', 'missed', 'chats', 'emoji', 'pins', 'profiles'] as const
export const themes = [...drawnThemes, 'groups'] as const
export type Theme = (typeof themes)[number]

export type Blackout = { readonly from: number; readonly to: number }

export type Absence = { readonly side: Side; readonly from: number; readonly to: number }

const troubles: readonly Trouble[] = ['timeout', 'cut-answer', 'cut-answer', 'fail-500', 'limit']

function planLength(chance: Chance): number {
  const dice = chance.number()
  if (dice < 0.75) return chance.between(1, 3) * hour
  return dice < 0.95 ? chance.between(4, 12) * hour : chance.between(1, 3) * day
}

function planAbsences(chance: Chance, hosts: readonly string[], length: number): Absence[] {
  return Array.from({ length: chance.int(4) }, () => {
    const side = chance.happens(0.4) ? 'homeserver' : (chance.pick(hosts) ?? 'homeserver')
    const from = Math.floor(chance.number() * length)
    const longest = chance.happens(0.5) ? 5 * minute : length / 2
    return { side, from, to: from + Math.floor(chance.number() * longest) }
  })
}

function planBlackouts(chance: Chance, length: number): Blackout[] {
  return Array.from({ length: chance.between(1, 2) }, () => {
    const from = Math.floor((0.2 + 0.7 * chance.number()) * length)
    return { from, to: from + chance.between(6, 90) * minute }
  })
}

/**
 * Every kind of trouble, and every theme, is in some runs and not in others, so that a failing one
 * tells more; most have no theme, since each makes a run twice as dear. `only`: those themes instead.
 */
export function planStorm(chance: Chance, hosts: readonly string[], only?: readonly Theme[]): Plan {
  const length = planLength(chance)
  const lost = chance.happens(0.03) ? chance.pick(hosts) : undefined
  const lostFor = lost === undefined ? [] : [{ side: lost, from: length / 3, to: 9 * day }]
  const isThemed = chance.happens(0.3)
  const drawn: Theme[] = isThemed ? drawnThemes.filter(() => chance.happens(0.4)) : []
  // By dice of its own: what came before it stays the same for each seed.
  if (isThemed && chance.fork('groups').happens(0.4)) drawn.push('groups')
  const acted = new Set(only ?? drawn)
  return {
    length,
    calmAfter: length + 10 * minute,
    // Each theme brings acts of its own.
    acts: chance.between(15, 45) + 5 * acted.size,
    themes: acted,
    blackouts: acted.has('missed') ? planBlackouts(chance, length) : [],
    troubleRate: chance.happens(0.6) ? chance.number() * 0.2 : 0,
    copyRate: chance.happens(0.5) ? chance.number() * 0.4 : 0,
    crashRate: chance.happens(0.6) ? chance.number() * 0.02 : 0,
    mostCrashes: chance.between(1, 12),
    absences: [...planAbsences(chance, hosts, length), ...lostFor],
    restarts: Array.from({ length: chance.int(5) }, () => Math.floor(chance.number() * length)),
    ...(lost === undefined ? {} : { lost }),
  }
}

/** The weather of a plan; `elapsed` is the time since its beginning. */
export function createStorm(plan: Plan, chance: Chance, elapsed: () => number): Weather {
  const isStormy = (): boolean => elapsed() < plan.calmAfter
  const isHit = (): boolean => isStormy() && chance.happens(plan.troubleRate)
  return {
    latency: () =>
      isStormy() && chance.happens(0.03) ? chance.between(1_000, 20_000) : chance.between(2, 200),
    isAway: (side) =>
      plan.absences.some((a) => a.side === side && a.from <= elapsed() && elapsed() < a.to),
    trouble: () => (isHit() ? chance.pick(troubles) : undefined),
    troubleToBridge: () => (isHit() ? chance.pick(['timeout', 'cut-answer'] as const) : undefined),
    extraCopies: () =>
      isStormy() && chance.happens(plan.copyRate) ? (chance.happens(0.1) ? 9 : 1) : 0,
  }
}

/** Whether the bridge dies at a step: by chance, but not for ever. */
export function createCrashes(plan: Plan, chance: Chance, elapsed: () => number): () => boolean {
  let left = plan.mostCrashes
  return () => {
    if (left === 0 || elapsed() >= plan.calmAfter || !chance.happens(plan.crashRate)) return false
    left -= 1
    return true
  }
}
