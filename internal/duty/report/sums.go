package report

import (
	"maps"
	"slices"
	"time"
)

// ByYear puts the months of each person and year into one row, "2026".
func ByYear(rows []Row) (list []Row) {
	for i := range rows {
		r := rows[i]
		r.Month = r.Month[:len("2026")]
		if n := len(list); n > 0 && list[n-1].Person == r.Person && list[n-1].Month == r.Month {
			list[n-1].add(&r)
			continue
		}
		r.Hours, r.Worked = maps.Clone(r.Hours), maps.Clone(r.Worked)
		r.Interventions, r.Rests = slices.Clone(r.Interventions), slices.Clone(r.Rests)
		if r.Pay != nil {
			pay := *r.Pay
			pay.Cents = maps.Clone(pay.Cents)
			r.Pay = &pay
		}
		list = append(list, r)
	}
	return list
}

func (r *Row) add(o *Row) {
	for kind, d := range o.Hours {
		r.Hours[kind] += d
	}
	for kind, d := range o.Worked {
		r.Worked[kind] += d
	}
	r.Always += o.Always
	r.Nights, r.WeekendDays, r.Holidays = r.Nights+o.Nights, r.WeekendDays+o.WeekendDays, r.Holidays+o.Holidays
	r.Pages, r.Woken = r.Pages+o.Pages, r.Woken+o.Woken
	r.Interventions, r.Rests = append(r.Interventions, o.Interventions...), append(r.Rests, o.Rests...)
	r.StoodIn, r.Replaced = r.StoodIn+o.StoodIn, r.Replaced+o.Replaced
	r.StoodInFor, r.ReplacedFor = r.StoodInFor+o.StoodInFor, r.ReplacedFor+o.ReplacedFor
	r.Pay = r.Pay.with(o.Pay)
}

// with is both together; what is of two currencies, or has a part without a rate, is
// not whole.
func (p *Pay) with(o *Pay) *Pay {
	switch {
	case p == nil && o == nil:
		return nil
	case p == nil || o == nil || p.Currency != o.Currency:
		if p == nil {
			p = o
		}
		return &Pay{Currency: p.Currency, Cents: p.Cents, Total: p.Total}
	}
	sum := &Pay{Currency: p.Currency, Cents: maps.Clone(p.Cents), Total: p.Total + o.Total, Whole: p.Whole && o.Whole}
	for kind, cents := range o.Cents {
		sum.Cents[kind] += cents
	}
	return sum
}

// Seconds is a time in whole seconds, rounded.
func Seconds(d time.Duration) int64 { return int64(d.Round(time.Second) / time.Second) }

// Hundredths is a time in hundredths of an hour, rounded.
func Hundredths(d time.Duration) int64 { return (Seconds(d)*100 + 1800) / 3600 }
