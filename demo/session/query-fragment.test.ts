import { expect, test } from 'vitest'
import { NO_FILTERS } from '../list/filters.js'
import { fromFragment, toFragment } from './query-fragment.js'

test('a query returns from its fragment as it was', () => {
  const query = {
    text: 'author:"van der Berg" 50 % & more # -x',
    mode: 'lexical' as const,
    sort: 'newest' as const,
    filters: { ...NO_FILTERS, yearFrom: 1990, yearTo: 2001, venue: 'Nature & Science', label: 'to read', author: 'Ada Ångström' },
  }
  expect(fromFragment(toFragment(query))).toEqual(query)
})

test('a query that asks for nothing has no fragment, and what is not of its form is left out', () => {
  expect(toFragment({ text: '', mode: 'hybrid', sort: 'added', filters: NO_FILTERS })).toBe('')
  expect(fromFragment('')).toBeNull()
  expect(fromFragment('#papers')).toBeNull()
  expect(fromFragment('#from=soon&sort=best&by=__proto__&q=%E0%A4%A')).toMatchObject({ sort: 'added', mode: 'hybrid' })
  expect(fromFragment('#q=x&from=soon')).toMatchObject({ text: 'x', filters: NO_FILTERS })
})
