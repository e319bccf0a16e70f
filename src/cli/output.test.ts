import { expect, test, vi } from 'vitest'
import { recordOutput } from './testing.js'

test('results go to standard output, warnings to standard error, and no progress without a terminal', () => {
  const { output, stdout, stderr } = recordOutput()
  output.showProgress('step', '1 of 2')
  output.print('result')
  output.warn('warning')
  expect([stdout(), stderr()]).toEqual(['result\n', 'warning\n'])
})

test('on a terminal, progress is one line that new steps and later lines replace', () => {
  vi.useFakeTimers()
  const { output, stdout, stderr } = recordOutput({ isTTY: true })
  output.showProgress('papers', '1 of 9')
  output.showProgress('papers', '2 of 9')
  vi.advanceTimersByTime(100)
  output.showProgress('papers', '3 of 9')
  output.showProgress('queries', '1 of 2')
  output.print('done')
  output.print('bye')
  const clear = '\r\x1b[2K'
  expect(stderr()).toBe(`${clear}1 of 9${clear}3 of 9${clear}1 of 2${clear}`)
  expect(stdout()).toBe('done\nbye\n')
  vi.useRealTimers()
})
