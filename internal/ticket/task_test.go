package ticket

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func said[T any](v T) *T { return &v }

// TestTasks: what is not said of a task follows from what is.
func TestTasks(t *testing.T) {
	now := time.Date(2026, time.November, 27, 14, 30, 0, 0, time.UTC)
	at := func(h, m int) *time.Time { return said(time.Date(2026, time.November, 27, h, m, 0, 0, time.UTC)) }
	for name, c := range map[string]struct {
		edit TaskEdit
		want Task
		err  string // the field that is wrong
	}{
		"a call, two taps":      {TaskEdit{Kind: said(TaskCall)}, Task{Kind: TaskCall, At: now}, ""},
		"its minutes":           {TaskEdit{Kind: said(TaskCall), Minutes: said(10)}, Task{Kind: TaskCall, At: *at(14, 20), Until: now, Minutes: 10}, ""},
		"its times":             {TaskEdit{Kind: said(TaskOnSite), At: at(9, 0), Until: at(11, 45)}, Task{Kind: TaskOnSite, At: *at(9, 0), Until: *at(11, 45), Minutes: 165}, ""},
		"times and fewer":       {TaskEdit{Kind: said(TaskOnSite), At: at(9, 0), Until: at(11, 45), Minutes: said(90)}, Task{Kind: TaskOnSite, At: *at(9, 0), Until: *at(11, 45), Minutes: 90}, ""},
		"its end and minutes":   {TaskEdit{Kind: said(TaskRemote), Until: at(12, 0), Minutes: said(30)}, Task{Kind: TaskRemote, At: *at(11, 30), Until: *at(12, 0), Minutes: 30}, ""},
		"a minute begun counts": {TaskEdit{Kind: said(TaskCall), At: at(9, 0), Until: said(at(9, 1).Add(time.Second))}, Task{Kind: TaskCall, At: *at(9, 0), Until: at(9, 1).Add(time.Second), Minutes: 2}, ""},
		"words":                 {TaskEdit{Kind: said(TaskOther), Text: said(" a\x00\r\nb "), Public: said(true)}, Task{Kind: TaskOther, At: now, Text: "a \nb", Public: true}, ""},
		"no kind":               {TaskEdit{}, Task{}, "kind"},
		"no such kind":          {TaskEdit{Kind: said("pdr")}, Task{}, "kind"},
		"other than what":       {TaskEdit{Kind: said(TaskOther)}, Task{}, "text"},
		"long":                  {TaskEdit{Kind: said(TaskCall), Text: said(strings.Repeat("x", MaxNote+1))}, Task{}, "text"},
		"tomorrow":              {TaskEdit{Kind: said(TaskCall), At: said(now.Add(time.Hour))}, Task{}, "at"},
		"until tomorrow":        {TaskEdit{Kind: said(TaskCall), At: at(9, 0), Until: said(now.Add(time.Hour))}, Task{}, "until"},
		"long ago":              {TaskEdit{Kind: said(TaskCall), At: said(now.AddDate(-2, 0, 0))}, Task{}, "at"},
		"backwards":             {TaskEdit{Kind: said(TaskCall), At: at(9, 0), Until: at(8, 0)}, Task{}, "until"},
		"less than nothing":     {TaskEdit{Kind: said(TaskCall), Minutes: said(-1)}, Task{}, "minutes"},
		"for ever":              {TaskEdit{Kind: said(TaskCall), Minutes: said(MaxTaskMinutes + 1)}, Task{}, "minutes"},
		"weeks":                 {TaskEdit{Kind: said(TaskCall), At: said(now.AddDate(0, -1, 0)), Until: at(9, 0)}, Task{}, "until"},
	} {
		var got Task
		err := got.Edit(&c.edit, now)
		var wrong *FieldError
		if errors.As(err, &wrong); c.err != "" && (wrong == nil || wrong.Field != c.err) || c.err == "" && (err != nil || got != c.want) {
			t.Errorf("%s: %+v, %v, want %+v %s", name, got, err, c.want, c.err)
		}
	}
	done := Task{Kind: TaskCall, At: *at(9, 0), Until: *at(9, 10), Minutes: 10, Text: "x"}
	if err := done.Edit(&TaskEdit{Until: at(9, 30)}, now); err != nil || done.Minutes != 30 || done.Text != "x" {
		t.Errorf("a later end: %+v, %v", done, err)
	}
	if err := done.Edit(&TaskEdit{Text: said("y")}, now.AddDate(0, 0, 3)); err != nil || done.Minutes != 30 || !done.At.Equal(*at(9, 0)) {
		t.Errorf("another text: %+v, %v", done, err)
	}
	s := &Sheet{Tasks: []Task{done, {Minutes: 12}}}
	if got := s.Treatment(); got != 42 {
		t.Errorf("%d minutes", got)
	}
	if none := (*Sheet)(nil); none.Treatment() != 0 || none.Task("x") != nil || none.Intervention("x") != nil || none.DuplicateOf() != "" {
		t.Error("a ticket without a sheet has work")
	}
}

// TestInterventions: both ends are needed, and make sense.
func TestInterventions(t *testing.T) {
	now := time.Date(2026, time.November, 27, 14, 30, 0, 0, time.UTC)
	in := func(d time.Duration) *time.Time { return said(now.Add(d)) }
	for name, c := range map[string]struct {
		edit InterventionEdit
		err  string
	}{
		"tomorrow":            {InterventionEdit{From: in(24 * time.Hour), Until: in(26 * time.Hour), Place: said(" the  rack ")}, ""},
		"no beginning":        {InterventionEdit{Until: in(time.Hour)}, "from"},
		"no end":              {InterventionEdit{From: in(time.Hour)}, "until"},
		"backwards":           {InterventionEdit{From: in(2 * time.Hour), Until: in(time.Hour)}, "until"},
		"for ever":            {InterventionEdit{From: in(0), Until: in((MaxInterventionDays*24 + 1) * time.Hour)}, "until"},
		"in the next century": {InterventionEdit{From: said(now.AddDate(99, 0, 0)), Until: said(now.AddDate(99, 0, 1))}, "from"},
		"no such state":       {InterventionEdit{From: in(0), Until: in(time.Hour), State: said("perhaps")}, "state"},
		"a long place":        {InterventionEdit{From: in(0), Until: in(time.Hour), Place: said(strings.Repeat("x", MaxSite+1))}, "place"},
	} {
		var got Intervention
		err := got.Edit(&c.edit, now)
		var wrong *FieldError
		if errors.As(err, &wrong); c.err != "" && (wrong == nil || wrong.Field != c.err) || c.err == "" && (err != nil || got.State != InterventionPlanned || got.Place != "the rack") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
