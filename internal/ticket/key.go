package ticket

import (
	"fmt"
	"strconv"
)

// KeyKind says what a page was ordered for.
type KeyKind int8

// The kinds of keys.
const (
	ForStep      KeyKind = iota // a step of the policy
	ForEverybody                // nobody in the policy can be reached: every manager
	ForJoined                   // a new alert joined a taken ticket
	ForTaken                    // notice: who took it
	ForRecovered                // notice: it is over
	ForClock                    // so much of the promise is used
	ForDue                      // a point of the checklist is due
	ForRespond                  // so much of another promise is used: ForReminder
	ForResolve
	ForCallBack
	ForNews
)

// reminders are the keys of reminders, by the clock of which they remind.
var reminders = map[ClockKind]KeyKind{ClockRespond: ForRespond, ClockResolve: ForResolve, ClockCallBack: ForCallBack, ClockNews: ForNews}

// ForReminder is the kind of the keys of pages that remind of a clock.
func ForReminder(of ClockKind) KeyKind { return reminders[of] }

// Reminds is the clock of which pages with such a key remind; empty: of none.
func (k KeyKind) Reminds() ClockKind {
	for of, key := range reminders {
		if key == k {
			return of
		}
	}
	return ""
}

// Side is the kind of the pages that have such a key, if they are beside the
// rounds of steps; otherwise empty.
func (k KeyKind) Side() PageKind {
	switch k {
	case ForJoined:
		return KindJoined
	case ForTaken:
		return KindTaken
	case ForRecovered:
		return KindRecovered
	case ForClock:
		return KindClock
	case ForDue:
		return KindDue
	case ForRespond, ForResolve, ForCallBack, ForNews:
		return KindReminder
	case ForStep, ForEverybody:
	}
	return ""
}

// Key is the step of this kind's keys, if the kind is no step of the policy.
func (k KeyKind) Key() KeyStep { return KeyStep{Kind: k} }

// LastResort stands for every manager where a timeline's line names a step.
const LastResort = -1

// KeyStep is what a page was ordered for: one of the policy's steps, or
// another kind. It is stored as a number; such a kind is a number below zero.
type KeyStep struct {
	Kind KeyKind
	N    int // of the policy, from 0; for every other kind 0
}

// PolicyStep is a step of the policy.
func PolicyStep(n int) KeyStep { return KeyStep{N: n} }

// In is the step among so many of a policy. It is false if it is none of them.
func (s KeyStep) In(steps int) (n int, ok bool) {
	return s.N, s.Kind == ForStep && s.N >= 0 && s.N < steps
}

// Number is the step as stores keep it and the API shows it.
func (s KeyStep) Number() int {
	if s.Kind == ForStep {
		return s.N
	}
	return -int(s.Kind)
}

func stepOf(number int) KeyStep {
	if number < 0 && number >= -int(ForNews) {
		return KeyStep{Kind: KeyKind(-number)}
	}
	return KeyStep{N: number}
}

// MarshalJSON writes the number.
func (s KeyStep) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(s.Number()), 10), nil
}

// UnmarshalJSON reads it.
func (s *KeyStep) UnmarshalJSON(text []byte) error {
	n, err := number(text)
	*s = stepOf(n)
	return err
}

// KeyRound is a round, or a page that is tried again out of turn. Such pages
// are counted by themselves, so that each has its own key and none overtakes a
// round. It is stored as a number, which begins at a million for such pages.
type KeyRound struct {
	N     int
	Again bool
}

const againFrom = 1_000_000

// Round is the nth round, from 0.
func Round(n int) KeyRound { return KeyRound{N: n} }

// Number is the round as stores keep it and the API shows it.
func (r KeyRound) Number() int {
	if r.Again {
		return againFrom + r.N
	}
	return r.N
}

func roundOf(number int) KeyRound {
	if number >= againFrom {
		return KeyRound{N: number - againFrom, Again: true}
	}
	return KeyRound{N: number}
}

// Before says whether a round came before another. A page that is tried again
// belongs to no round, and none comes after it.
func (r KeyRound) Before(n int) bool { return !r.Again && r.N < n }

// MarshalJSON writes the number.
func (r KeyRound) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(r.Number()), 10), nil
}

// UnmarshalJSON reads it.
func (r *KeyRound) UnmarshalJSON(text []byte) error {
	n, err := number(text)
	*r = roundOf(n)
	return err
}

func number(text []byte) (int, error) {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, fmt.Errorf("ticket: a number wanted in a page's key: %w", err)
	}
	return n, nil
}
