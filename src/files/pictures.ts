import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileFacts, Files, PassingFile } from '../model/file.ts'
import { mostAvifPixels, mostBytes, mostPixels, type PictureFacts } from './picture-facts.ts'

/** What `picture-reader` decodes. */
const decoded = /^image\/(?:png|apng|jpeg|gif|webp|avif)$/

export type PictureLimits = {
  /** Milliseconds for one picture. */
  readonly patience: number
  /** How long the process waits for the next one, milliseconds. */
  readonly idle: number
}

const usual: PictureLimits = { patience: 15_000, idle: 20_000 }

const isWorthIt = ({ size }: PassingFile, { mediaType, width, height }: FileFacts): boolean =>
  decoded.test(mediaType) &&
  size <= mostBytes &&
  width !== undefined &&
  height !== undefined &&
  width * height <= (mediaType === 'image/avif' ? mostAvifPixels : mostPixels)

/** The process; it holds up no end of this one. */
export function startReader(): ChildProcess {
  const self = fileURLToPath(import.meta.url)
  const child = fork(new URL(`picture-reader${extname(self)}`, import.meta.url), [], {
    serialization: 'advanced',
    // It reads what strangers wrote: it gets nothing of ours, and what it says is nothing for our log.
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.on('error', () => undefined)
  child.unref()
  child.channel?.unref()
  return child
}

const send = (child: ChildProcess, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    child.send(piece, (error) => (error === null ? resolve() : reject(error)))
  })

/** Undefined when the process ends, or does not answer in time. */
function answerOf(child: ChildProcess, patience: number): Promise<PictureFacts | undefined> {
  return new Promise((resolve) => {
    const finish = (facts?: PictureFacts): void => {
      clearTimeout(timer)
      child.off('exit', onEnd).off('error', onEnd).off('message', onMessage)
      resolve(facts)
    }
    const onEnd = (): void => finish()
    const onMessage = (message: unknown): void =>
      finish((message as { readonly facts?: PictureFacts }).facts)
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      finish()
    }, patience)
    child.on('exit', onEnd).on('error', onEnd).on('message', onMessage)
  })
}

/**
 * Looks at pictures one after another, in a process that is started for the first one and ends when
 * none comes for a while. A picture that cannot be decoded is no trouble: it only has no looks.
 */
export function createPictures(
  limits: PictureLimits = usual,
  start: () => ChildProcess = startReader,
): Files['look'] {
  let reader: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined
  let last: Promise<unknown> = Promise.resolve()

  const current = (): ChildProcess => {
    if (reader?.connected !== true) reader = start()
    return reader
  }

  const look = async (file: PassingFile): Promise<PictureFacts | undefined> => {
    clearTimeout(idle)
    const child = current()
    const answer = answerOf(child, limits.patience)
    try {
      for await (const piece of file.chunks()) await send(child, piece)
      await send(child, new Uint8Array())
    } catch {
      child.kill('SIGKILL')
    }
    const facts = await answer
    idle = setTimeout(() => child.connected && child.disconnect(), limits.idle).unref()
    return facts
  }

  return async (file, facts) => {
    if (!isWorthIt(file, facts)) return facts
    const mine = last.then(() => look(file))
    last = mine.catch(() => undefined)
    return { ...facts, ...(await mine) }
  }
}
