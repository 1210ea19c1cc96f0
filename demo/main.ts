import { parseArgs } from 'node:util'
import { endAll } from '../test/e2e/support/process.ts'
import { followUp } from './follow-up.ts'
import { howToJoin } from './how-to-join.ts'
import { setStage, type Stage } from './stage.ts'
import { play } from './story.ts'
import { createTerminal, type Terminal } from './terminal.ts'

const usage = 'npm run demo [-- --once] [-- --patience <seconds>]'

function readFlags(): { readonly once: boolean; readonly patience: number } {
  const options = { once: { type: 'boolean' }, patience: { type: 'string' } } as const
  const { values } = parseArgs({ options })
  const seconds = Number(values.patience ?? 20)
  if (!(seconds > 0)) throw new Error(`--patience is ${values.patience ?? ''}, not seconds`)
  return { once: values.once === true, patience: seconds * 1000 }
}

/** Resolves when the user has had enough, or when the process that started us is gone. */
function untilStopped(): Promise<'stopped'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => resolve('stopped'))
    }
    process.on('disconnect', () => resolve('stopped'))
  })
}

function explain(error: unknown, stage: Stage | undefined, { line }: Terminal): void {
  line()
  line(`✘ ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof Error && error.cause instanceof Error) line(`  ${error.cause.message}`)
  const warnings = stage?.bridge.log().filter(({ level }) => isWarning(level)) ?? []
  if (warnings.length > 0) line('What the bridge has warned of:')
  for (const warning of warnings.slice(-10)) line(`  ${JSON.stringify(warning)}`)
  line('On a slow machine, give each act more time: npm run demo -- --patience 60')
}

const isWarning = (level: unknown): boolean =>
  typeof level === 'number' ? level >= 40 : level === 'warn' || level === 'error'

async function main(): Promise<number> {
  const { once, patience } = readFlags()
  const terminal = createTerminal()
  const { line } = terminal
  const stopped = untilStopped()
  let stage: Stage | undefined
  const perform = async (): Promise<{ stage: Stage; actor: string }> => {
    line('Starting:')
    stage = await setStage((what) => line(`  ${what}`))
    line()
    terminal.heading({ matrix: 'MATRIX', fediverse: 'FEDIVERSE' })
    const actor = await play(stage, { tell: terminal.row, patience })
    line()
    line('✔ Everything arrived.')
    return { stage, actor }
  }
  try {
    const outcome = await Promise.race([perform(), stopped])
    if (outcome === 'stopped') return 130
    if (once) return 0
    line()
    for (const each of howToJoin(outcome.stage, outcome.actor)) line(each)
    line()
    await followUp(outcome.stage, { tell: terminal.row, stopped })
    return 0
  } catch (error) {
    explain(error, stage, terminal)
    return 1
  } finally {
    if (!once) line('\nStopping all of it …')
    await endAll()
    if (!once) line('Nothing is left running, and what was written is deleted.')
  }
}

try {
  process.exit(await main())
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
  process.exit(2)
}
