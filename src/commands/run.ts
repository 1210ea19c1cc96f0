import type { Action } from '../model/action.ts'
import type { CommandContext, CommandResult } from './command.ts'
import type { Deps } from '../bridge/ports.ts'
import type { Job } from '../model/job.ts'
import type { JobResult } from '../model/job-result.ts'
import type { MatrixEvent } from '../model/event.ts'
import { perform } from '../bridge/perform.ts'
import { RejectedError, TransientError } from '../model/errors.ts'
import { findCommand, mayUse, unknownCommand } from './help.ts'

const maxArguments = 30

/** Backticks of our texts as code, line ends kept. */
export function noticeHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>').replaceAll('\n', '<br>')
}

async function resultOf(line: string, context: CommandContext): Promise<CommandResult> {
  const [name = 'help', ...args] = line
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, maxArguments)
  const command = findCommand(name)
  if (command === undefined) return { text: unknownCommand(name) }
  if (!mayUse(command, context.deps.permissionOf(context.sender))) {
    return { text: "This server's admin has not enabled Footbridge for you." }
  }
  try {
    return await command.run(args, context)
  } catch (error) {
    if (error instanceof RejectedError && error.tell !== undefined) return { text: error.tell }
    if (error instanceof TransientError && error.of === 'remote') {
      return {
        text: 'The other server does not answer right now. Please try again in a few minutes.',
      }
    }
    throw error
  }
}

/** Runs one line and answers in the same room by one notice. Safe to run again. */
export async function runCommand(
  line: string,
  event: MatrixEvent,
  { job, deps }: { readonly job: Job; readonly deps: Deps },
): Promise<JobResult> {
  const result = await resultOf(line, { sender: event.sender, roomId: event.roomId, deps })
  const answer: Action = {
    do: 'tell',
    place: { kind: 'room', roomId: event.roomId },
    text: result.text,
    html: noticeHtml(result.text),
    key: `answer ${event.eventId}`,
  }
  const changes = await perform(
    [answer, ...(result.actions ?? [])],
    { isRepeated: job.claims > 0 },
    deps,
  )
  return { outcome: `command ${line.split(/\s+/)[0] ?? ''}`.slice(0, 40), changes }
}
