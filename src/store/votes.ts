import type { ActorId, EventId, ObjectId, UserId } from '../model/ids.ts'
import type { Change } from '../model/change.ts'
import type { Database } from './database.ts'
import type { Tally, Votes } from '../model/vote.ts'
import { asActorId, asObjectId } from '../model/ids.ts'

type RemoveVotes = Extract<Change, { change: 'remove-votes' }>

export function voteWrites(database: Database) {
  const add = database.prepare<[ObjectId, string, string, EventId | null]>(
    `insert into vote (object, voter, choice, event_id) values (?, ?, ?, ?)
     on conflict (object, voter, choice) do nothing`,
  )
  const removeAll = database.prepare<[ObjectId]>('delete from vote where object = ?')
  const removeVoter = database.prepare<[ObjectId, string]>(
    'delete from vote where object = ? and voter = ?',
  )
  const removeEvent = database.prepare<[ObjectId, EventId]>(
    'delete from vote where object = ? and event_id = ?',
  )
  return {
    addVotes({ object, voter, choices, eventId }: Votes) {
      for (const choice of choices) add.run(object, voter, choice, eventId ?? null)
    },
    removeVotes({ object, voter, eventId }: RemoveVotes) {
      if (eventId !== undefined) removeEvent.run(object, eventId)
      else if (voter !== undefined) removeVoter.run(object, voter)
      else removeAll.run(object)
    },
  }
}

export function voteFinds(database: Database) {
  const byVoter = database.prepare<[string, string], { choice: string }>(
    'select choice from vote where object = ? and voter = ? order by seq',
  )
  const counts = database.prepare<[string], { choice: string; votes: number }>(
    'select choice, count(*) as votes from vote where object = ? group by choice',
  )
  const voters = database.prepare<[string], { voter: string }>(
    'select distinct voter from vote where object = ?',
  )
  const byEvent = database.prepare<[string], { object: string }>(
    'select object from vote where event_id = ? limit 1',
  )
  return {
    async votesBy(object: ObjectId, voter: ActorId | UserId): Promise<readonly string[]> {
      return byVoter.all(object, voter).map(({ choice }) => choice)
    },
    async tallyOf(object: ObjectId): Promise<Tally> {
      const votes = counts.all(object).map((row) => [row.choice, row.votes] as const)
      // The table does not tell actors from users; `isMatrixVoter` does.
      const people = voters.all(object).map(({ voter }) => asActorId(voter))
      return { votes: new Map(votes), voters: people }
    },
    /** The poll that this event of Matrix voted in. */
    async findPollOfVote(eventId: EventId): Promise<ObjectId | undefined> {
      const row = byEvent.get(eventId)
      return row && asObjectId(row.object)
    },
  }
}
