package escalation

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// sheeted are the actions that read or change a ticket's sheet. The engine reads
// no sheet for any other event.
var sheeted = map[Action]bool{
	ActQualify: true,
	ActResolve: true,
	ActAttach:  true,
	ActDetach:  true,
	ActTick:    true,
	ActTask:    true, ActIntervene: true, ActLink: true, ActMeet: true,
}

// ErrSheetFull refuses what the ticket's sheet has no room for.
var ErrSheetFull = errors.New("there is no more room for what is said of the ticket")

var errNoRecords = errors.New("escalation: this engine has no records, and so no sheets")

// sheet is a ticket's sheet in a batch: as it was read, or as jobs left it.
type sheet struct {
	of       *ticket.Sheet // nil: there is none
	revision int64         // of the record as it was read; 0: there was none
	changed  bool
}

// write is the change of the sheet's record, under its ticket's number.
func (s *sheet) write(number string) (records.Write, error) {
	value, err := s.of.Value()
	if err != nil {
		return records.Write{}, fmt.Errorf("escalation: ticket %s: %w", number, err)
	}
	return records.Write{Kind: ticket.SheetRecords, Key: number, Revision: s.revision, Value: value}, nil
}

// SheetWrite puts a sheet into the first commit of a ticket with that number.
func SheetWrite(number string, of *ticket.Sheet) (records.Write, error) {
	return (&sheet{of: of}).write(number)
}

// readSheets reads the sheets of tickets to which the jobs do something that is
// in them. They are read before their tickets: if one changes in between, the
// commit is refused.
func (b *batch) readSheets(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		a, ok := j.event.(Acted)
		if !ok || !sheeted[a.Action] || b.sheets[j.number] != nil {
			continue
		}
		if a.Action == ActResolve && len(a.Edits) == 0 && (a.Said.Text == "" || b.e.records == nil) {
			continue // whoever only says that it is over needs none
		}
		if b.e.records == nil {
			return errNoRecords
		}
		read, err := b.e.readSheet(ctx, b.source, j.number)
		if err != nil {
			return err
		}
		if b.sheets == nil {
			b.sheets = map[string]*sheet{}
		}
		b.sheets[j.number] = read
	}
	return nil
}

// readSheet reads one. A record that is damaged counts as none, and is written
// over.
func (e *Engine) readSheet(ctx context.Context, source, number string) (*sheet, error) {
	r, err := e.records.Get(ctx, source, ticket.SheetRecords, number)
	switch {
	case errors.Is(err, records.ErrNotFound):
		return &sheet{}, nil
	case errors.Is(err, ErrDamaged):
		return &sheet{revision: records.Any}, nil
	case err != nil:
		return nil, fmt.Errorf("escalation: the sheet of ticket %s: %w", number, err)
	}
	of, err := ticket.ReadSheet(r.Value)
	if err != nil {
		e.log.Error("a sheet cannot be read, and is written anew", zap.String("ticket", number), zap.Error(err))
	}
	return &sheet{of: of, revision: r.Revision}, nil
}

// edit is a copy of the sheet, for an action to change. The decision has it.
func (s *stepper) edit() *ticket.Sheet {
	if s.edited == nil {
		s.edited = s.Sheet.Clone()
	}
	return s.edited
}
