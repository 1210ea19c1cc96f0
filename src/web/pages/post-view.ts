import type { OutgoingAttachment, OutgoingNote, OutgoingPlace } from '../../model/outgoing.ts'
import type { Poll } from '../../model/content.ts'
import { cleanHtml, withEmojis } from './clean-html.ts'
import { html, type Html } from './html.ts'
import type { Author, Post, Reference } from './read-post.ts'
import { counted, toDay, toMinute } from './words.ts'

/** The first letter of a name, in place of a picture. */
export function letterOf({ name }: Author): Html {
  const [letter = ''] = Array.from(name)
  return html`<span class="avatar letter" aria-hidden="true">${letter.toUpperCase()}</span>`
}

/** The picture of an account. Its name stands beside it. */
export function avatarOf(author: Author, size: number): Html {
  const { avatar } = author
  if (avatar === undefined) return letterOf(author)
  return html`<img
    class="avatar u-photo"
    src="${avatar}"
    alt=""
    width="${size}"
    height="${size}"
  />`
}

export const nameIn = ({ actor, name }: Author, publicUrl: string): Html =>
  withEmojis(name, { publicUrl, emojis: actor.profile?.emojis ?? [] })

const sizeOf = ({ width, height }: Pick<OutgoingAttachment, 'width' | 'height'>): Html =>
  html`${width !== undefined && height !== undefined && html` width="${width}" height="${height}"`}`

function fileView({ url, ...file }: OutgoingAttachment): Html {
  const name = file.name ?? ''
  switch (file.type) {
    case 'Image':
      return html`<a class="file" href="${url}"
        ><img
          class="u-photo"
          src="${url}"
          alt="${name || 'Picture without a description'}"
          ${sizeOf(file)}
          loading="lazy"
      /></a>`
    case 'Video':
      return html`<video
        class="file"
        controls
        preload="none"
        src="${url}"
        aria-label="${name || 'Film without a description'}"
        ${sizeOf(file)}${file.icon !== undefined && html` poster="${file.icon.url}"`}
      ></video>`
    case 'Audio':
      return html`<audio
        class="file sound"
        controls
        preload="none"
        src="${url}"
        aria-label="${name || 'Recording without a description'}"
      ></audio>`
    case 'Document':
      return html`<a class="file paper" href="${url}" download>${name || 'A file'}</a>`
  }
}

function mediaView({ attachments, sensitive, summary }: OutgoingNote, publicUrl: string): Html {
  const ours = attachments.filter(({ url }) => url.startsWith(`${publicUrl}/`))
  if (ours.length === 0) return html``
  const files = html`<div class="media ${ours.length > 1 && 'many'}">${ours.map(fileView)}</div>`
  // Behind a warning already.
  if (!sensitive || summary !== undefined) return files
  return html`<details class="warning">
    <summary>Sensitive: show it</summary>
    ${files}
  </details>`
}

function pollView(poll: Poll): Html {
  const isSecret = poll.isSecret === true && !poll.isClosed
  const all = poll.options.reduce((sum, { votes }) => sum + votes, 0)
  const option = ({ name, votes }: Poll['options'][number]): Html => {
    const label = html`<span>${name}</span>`
    if (isSecret) return html`<li>${label}</li>`
    const share = all === 0 ? 0 : Math.round((votes / all) * 100)
    return html`<li>
      ${label} <span class="share">${share} %</span
      ><meter min="0" max="100" value="${share}" aria-label="${name}"></meter>
    </li>`
  }
  const voters =
    poll.voters === undefined ? '' : counted(poll.voters, 'person voted', 'people voted')
  const ends =
    poll.endTime !== undefined && `${poll.isClosed ? 'ended' : 'ends'} ${toDay(poll.endTime)}`
  const facts = [!isSecret && voters, poll.isClosed && poll.endTime === undefined ? 'ended' : ends]
  return html`<ul class="poll">
      ${poll.options.map(option)}
    </ul>
    <p class="fine">${facts.filter(Boolean).join(' · ')}</p>`
}

const placeView = ({ latitude, longitude, name }: OutgoingPlace): Html =>
  html`<p class="fine">
    At ${name ?? 'a place'} (${latitude.toFixed(4)}, ${longitude.toFixed(4)})
  </p>`

function bodyView(note: OutgoingNote, publicUrl: string): Html {
  const content = cleanHtml(note.content, { publicUrl, emojis: note.emojis })
  const language = note.language !== undefined && html` lang="${note.language}"`
  const body = html`<div class="words e-content" ${language}>${content}</div>
    ${note.poll && pollView(note.poll)}${note.place && placeView(note.place)}${mediaView(note, publicUrl)}`
  if (note.summary === undefined) return body
  return html`<details class="warning">
    <summary class="p-summary">${note.summary}</summary>
    ${body}
  </details>`
}

function parentView({ url, by }: Reference): Html {
  if (url === undefined)
    return html`<p class="fine">An answer to a post that is not shown here.</p>`
  const whom = by === undefined ? 'a post elsewhere' : `a post by ${by}`
  return html`<p class="fine">
    In reply to <a class="u-in-reply-to" href="${url}" rel="nofollow">${whom}</a>
  </p>`
}

/** A post that others may answer on their own servers: what it says, and what became of it. */
export function postView(post: Post, publicUrl: string): Html {
  const { note, author, parent, replies, boosts, likes } = post
  const counts = [
    replies > 0 && counted(replies, 'reply', 'replies'),
    boosts > 0 && counted(boosts, 'boost', 'boosts'),
    likes > 0 && counted(likes, 'like', 'likes'),
    note.updated !== undefined && `edited ${toDay(note.updated)}`,
  ].filter((one) => one !== false)
  const iso = new Date(note.published).toISOString()
  return html`<article class="card post h-entry">
    ${post.isPinned === true && html`<p class="fine pin">Pinned</p>`}
    <header class="by">
      <a class="p-author h-card" href="${author.page}"
        >${avatarOf(author, 44)}<span
          ><b class="p-name">${nameIn(author, publicUrl)}</b>
          <span class="handle">${author.handle}</span></span
        ></a
      >
      <a class="when u-url" href="${note.url}"
        ><time class="dt-published" datetime="${iso}">${toMinute(note.published)}</time></a
      >
    </header>
    ${parent && parentView(parent)} ${bodyView(note, publicUrl)}
    ${counts.length > 0 && html`<p class="fine counts">${counts.join(' · ')}</p>`}
  </article> `
}

/** What somebody wrote on another server: where it is, and none of its words. */
export function referenceView({ url = '', by, published }: Reference): Html {
  const host = URL.parse(url)?.host ?? ''
  return html`<article class="card elsewhere">
    <p>
      <b>${by ?? `Somebody on ${host}`}</b>
      answered${published !== undefined && html` on <time datetime="${new Date(published).toISOString()}">${toDay(published)}</time>`}.
      <a href="${url}" rel="nofollow noopener ugc">Read it on ${host}</a>
    </p>
  </article> `
}
