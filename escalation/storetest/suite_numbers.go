package storetest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/escalation"
)

func numberCases() []testCase {
	return []testCase{
		{"from one, ascending, over all sources", numbersAscend},
		{"a sequence for each prefix", numbersPrefix},
		{"five digits after 9999", numbersFive},
		{"locate", numbersLocate},
		{"at once", numbersAtOnce},
	}
}

func (b *bench) numbers(source, prefix string, n int) []int {
	b.Helper()
	numbers, err := b.s.Numbers(b.ctx, source, prefix, n)
	b.ok(err)
	if len(numbers) != n {
		b.Fatalf("Numbers: %d given, %d asked for", len(numbers), n)
	}
	values := make([]int, n)
	for i, number := range numbers {
		values[i], err = serial(prefix, number)
		b.ok(err)
	}
	return values
}

// serial is the running number in a ticket's number.
func serial(prefix, number string) (int, error) {
	digits := strings.TrimPrefix(number, prefix)
	if !regexp.MustCompile(`^(\d{4}|[1-9]\d{4,})$`).MatchString(digits) || digits == number {
		return 0, &strconv.NumError{Func: "serial", Num: number, Err: strconv.ErrSyntax}
	}
	return strconv.Atoi(digits)
}

func numbersAscend(b *bench) {
	last := 0
	for i, n := range []int{1, 3, 1, 20, 2} {
		for _, v := range b.numbers(sources()[i%3], Prefix, n) {
			if last == 0 && v != 1 {
				b.Errorf("the first number of an empty store is %d", v)
			}
			if v <= last {
				b.Fatalf("%d after %d", v, last)
			}
			last = v
		}
	}
}

func numbersPrefix(b *bench) {
	b.numbers(prometheus, Prefix, 5)
	b.same("another day's first", b.numbers(prometheus, "I261122_", 1), []int{1})
	if v := b.numbers(prometheus, Prefix, 1)[0]; v < 6 {
		b.Errorf("the first day goes on with %d", v)
	}
}

func numbersFive(b *bench) {
	b.numbers(prometheus, Prefix, 9998)
	last := 9998
	for _, v := range b.numbers(grafana, Prefix, 4) {
		if v <= last {
			b.Errorf("%d after %d", v, last)
		}
		last = v
	}
	t := Ticket(prometheus, Prefix+strconv.Itoa(b.numbers(prometheus, Prefix, 1)[0]))
	b.apply(Opening(&t))
	b.same("the ticket", b.load(prometheus, t.Number).Ticket, t)
}

func numbersLocate(b *bench) {
	for _, source := range sources() {
		was := b.opened(source)
		got, err := b.s.Locate(b.ctx, was.Ticket.Number)
		b.ok(err)
		b.same("source", got, source)
		_, err = b.s.Locate(b.ctx, b.number(source))
		b.is("a number that was only reserved", err, escalation.ErrNotFound)
	}
	for _, number := range []string{"I261121_4711", "nonsense", ""} {
		_, err := b.s.Locate(b.ctx, number)
		b.is("number "+number, err, escalation.ErrNotFound)
	}
}

func numbersAtOnce(b *bench) {
	const callers, calls, n = 8, 20, 3
	given := make([][]string, callers)
	b.together(callers, func(i int) error {
		for range calls {
			numbers, err := b.s.Numbers(b.ctx, sources()[i%3], Prefix, n)
			if err != nil {
				return err
			}
			given[i] = append(given[i], numbers...)
		}
		return nil
	})
	seen := map[string]bool{}
	for _, numbers := range given {
		last := 0
		for _, number := range numbers {
			v, err := serial(Prefix, number)
			b.ok(err)
			if v <= last {
				b.Errorf("one caller got %d after %d", v, last)
			}
			if last = v; seen[number] {
				b.Errorf("%s was given twice", number)
			}
			seen[number] = true
		}
	}
	b.same("how many", len(seen), callers*calls*n)
}
