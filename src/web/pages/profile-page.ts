import { bioOf, type LocalActor } from '../../model/actor.ts'
import { cleanHtml, plainText } from './clean-html.ts'
import { html, type Html } from './html.ts'
import type { Head } from './layout.ts'
import { avatarOf, letterOf, nameIn, postView } from './post-view.ts'
import type { Author, Post } from './read-post.ts'
import { remoteForm, type Tried } from './remote-form.ts'
import { counted } from './words.ts'

/** Everything a profile page shows. */
export type Profile = {
  readonly author: Author
  readonly numbers: {
    readonly posts: number
    readonly following: number
    readonly followers: number
  }
  readonly withReplies: boolean
  readonly pinned: readonly Post[]
  readonly posts: readonly Post[]
  /** It is not the first page. */
  readonly isLater: boolean
  readonly next?: number
  readonly tried?: Tried
}

export const followForm = ({ handle, actor }: Author, tried?: Tried): Html =>
  remoteForm({
    label: 'Follow',
    action: `/@${actor.username}/follow`,
    about: `Your server then asks you whether you want to follow ${handle}. Nothing of what you write here is kept.`,
    tried,
  })

/** Mastodon believes a link only if the page that it leads to links back the same way. */
function fieldsView({ userId, profile }: LocalActor, publicUrl: string): Html {
  const matrix = html`<a
    rel="me nofollow noopener"
    href="https://matrix.to/#/${encodeURIComponent(userId)}"
    >${userId}</a
  >`
  const look = { publicUrl, isInline: true, emojis: profile?.emojis ?? [] }
  const own = (profile?.fields ?? []).map(
    ({ name, value }) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${cleanHtml(value.html, look)}</dd>
      </div>`,
  )
  return html`<dl class="fields">
    <div>
      <dt>Matrix</dt>
      <dd>${matrix}</dd>
    </div>
    ${own}
  </dl>`
}

function marksView({ profile }: LocalActor): Html {
  const marks = [
    profile?.isBot === true && 'Writes by itself',
    profile?.isLocked === true && 'Asks before it is followed',
  ].filter((mark) => mark !== false)
  return html`${
    marks.length > 0 &&
    html`<ul class="marks">
      ${marks.map((mark) => html`<li>${mark}</li>`)}
    </ul>`
  }`
}

function cardView({ author, numbers, tried }: Profile, publicUrl: string): Html {
  const { actor, header, handle } = author
  const bio = bioOf(actor)
  const emojis = actor.profile?.emojis ?? []
  const movedTo = actor.profile?.movedTo
  const banner =
    header === undefined
      ? html`<div class="banner plain"></div>`
      : html`<img class="banner" src="${header}" alt="" />`
  return html`<section class="card profile h-card" aria-labelledby="name">
    ${banner}
    <div class="inside">
      <div class="top">${avatarOf(author, 96)}</div>
      <h1 id="name" class="p-name">${nameIn(author, publicUrl)}</h1>
      <p class="handle"><a class="handle u-url u-uid" href="${author.page}">${handle}</a></p>
      ${movedTo !== undefined && html`<p class="problem">This account has moved to <a href="${movedTo}" rel="nofollow">${movedTo}</a>.</p>`}
      ${marksView(actor)}
      ${bio && html`<div class="words p-note">${cleanHtml(bio.html, { publicUrl, emojis })}</div>`}
      ${fieldsView(actor, publicUrl)}
      <ul class="numbers">
        ${numbersOf(numbers)}
      </ul>
      ${followForm(author, tried)}
    </div>
  </section> `
}

const numbersOf = ({ posts, following, followers }: Profile['numbers']): readonly Html[] =>
  [
    counted(posts, 'post', 'posts'),
    counted(following, 'following', 'following'),
    counted(followers, 'follower', 'followers'),
  ].map((text) => {
    const [count = '', word = ''] = text.split(' ')
    return html`<li><b>${count}</b> ${word}</li>`
  })

function tabsView({ author, withReplies }: Profile): Html {
  const tab = (label: string, end: string, isHere: boolean): Html =>
    html`<a href="/@${author.actor.username}${end}" ${isHere && html` aria-current="page"`}
      >${label}</a
    >`
  return html`<nav class="tabs" aria-label="Posts">
    ${tab('Posts', '', !withReplies)}${tab('Posts and replies', '?replies=1', withReplies)}
  </nav>`
}

function pagerView({ author, withReplies, isLater, next }: Profile): Html {
  if (!isLater && next === undefined) return html``
  const first = `/@${author.actor.username}${withReplies ? '?replies=1' : ''}`
  const older = `/@${author.actor.username}?${withReplies ? 'replies=1&' : ''}before=${String(next)}`
  return html`<nav class="pager" aria-label="Pages">
    ${isLater && html`<a href="${first}">Newest posts</a>`}${next !== undefined && html`<a rel="next" href="${older}">Older posts</a>`}
  </nav>`
}

export const feedOf = ({ page }: Author): string => `${page}/feed.atom`

export function profileHead(author: Author): Head {
  const { actor, name, handle, page, avatar } = author
  const bio = plainText(bioOf(actor)?.html ?? '', 200)
  return {
    title: `${name} (${handle})`,
    description: bio === '' ? `${handle} on the fediverse.` : bio,
    canonical: page,
    isIndexed: actor.profile?.isIndexable === true,
    preview: {
      type: 'profile',
      ...(avatar === undefined ? {} : { image: { url: avatar, alt: `Picture of ${name}` } }),
    },
    more: html`<meta property="profile:username" content="${handle.slice(1)}" />
      <link rel="alternate" type="application/activity+json" href="${actor.id}" />
      <link
        rel="alternate"
        type="application/atom+xml"
        href="${feedOf(author)}"
        title="Posts by ${name}"
      /> `,
  }
}

export function profilePage(profile: Profile, publicUrl: string): Html {
  const { pinned, posts } = profile
  const all = [...pinned.map((post) => ({ ...post, isPinned: true })), ...posts]
  const list = all.map((post) => postView(post, publicUrl))
  return html`${cardView(profile, publicUrl)} ${tabsView(profile)}
    <section aria-labelledby="posts">
      <h2 id="posts" class="hidden">Posts</h2>
      ${list.length > 0 ? list : html`<p class="fine">Nothing is here yet that everybody may read.</p>`}
    </section>
    ${pagerView(profile)}
    <p class="fine">
      ${profile.author.name} writes on Matrix, and this server carries it to the fediverse.
      <a href="${feedOf(profile.author)}">Feed (Atom)</a>
    </p>`
}

/** Of somebody who is not on pages: where to read them. */
export function closedProfile(author: Author, publicUrl: string, tried?: Tried): Html {
  return html`<section class="card profile" aria-labelledby="name">
    <div class="banner plain"></div>
    <div class="inside">
      <div class="top">${letterOf(author)}</div>
      <h1 id="name">${nameIn(author, publicUrl)}</h1>
      <p class="handle">${author.handle}</p>
      <p>
        ${author.handle} is on Matrix. To read or follow this account, search for ${author.handle}
        on the server of the fediverse where you have an account.
      </p>
      ${followForm(author, tried)}
    </div>
  </section>`
}
