import { createInterface } from 'node:readline/promises'
import { createSystemClock, createSystemRandom } from '../net/clock.ts'
import { version } from '../version.ts'
import { perform } from './program.ts'
import type { Bridge, Connection, Terminal, World } from './world.ts'

/** The command line on this machine; answers the exit code. */
export const main = (args: readonly string[]): Promise<number> => perform(createWorld(), args)

function createWorld(): World {
  return {
    terminal: createTerminal(),
    environment: process.env,
    folder: process.cwd(),
    version,
    random: createSystemRandom(),
    now: () => createSystemClock().now(),
    openWeb,
    openServer,
    startBridge,
    examine,
    askBridge,
    onStop,
    onReload,
    // 130 is what a shell reports for an interrupted program.
    abandon: () => process.exit(130),
  }
}

function createTerminal(): Terminal {
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  }
  return process.stdin.isTTY && process.stdout.isTTY ? { ...terminal, ask } : terminal
}

async function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await lines.question(question)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    process.stdout.write('\n')
    return undefined
  } finally {
    lines.close()
  }
}

// Each command loads only what it uses: `check` needs no network, `init` no bridge.
async function openWeb(): Promise<Connection> {
  const { createGuardedHttp } = await import('../net/guarded.ts')
  const allowPrivate = ['0.0.0.0/0', '::/0']
  return createGuardedHttp({
    allowPrivate,
    allowHttp: [],
    userAgent: `Footbridge/${version}`,
  })
}

async function openServer(baseUrl: string): Promise<Connection> {
  const { createHomeserverHttp } = await import('../net/homeserver.ts')
  return createHomeserverHttp({ baseUrl })
}

async function startBridge(...args: Parameters<World['startBridge']>): Promise<Bridge> {
  const { run } = await import('../main.ts')
  return run(...args)
}

async function examine(...args: Parameters<World['examine']>): ReturnType<World['examine']> {
  const { examineFromOutside } = await import('../examine.ts')
  return examineFromOutside(...args)
}

async function askBridge(...args: Parameters<World['askBridge']>): ReturnType<World['askBridge']> {
  const { askConsole } = await import('../console/ask.ts')
  return askConsole(...args)
}

function onStop(callback: () => void): () => void {
  const signals = ['SIGTERM', 'SIGINT'] as const
  for (const signal of signals) {
    // The script's own go last: between none and one, a signal that waits already would be lost.
    const before = process.rawListeners(signal)
    process.on(signal, callback)
    for (const listener of before) process.off(signal, listener as () => void)
  }
  return () => {
    for (const signal of signals) process.off(signal, callback)
  }
}

function onReload(callback: () => void): () => void {
  process.on('SIGHUP', callback)
  return () => void process.off('SIGHUP', callback)
}
