package web

import "time"

const (
	// pressedFor is for how long what a phone kept, without network, still counts.
	pressedFor = 24 * time.Hour
	// pressedApart is what a phone's clock may be off by, or its network slow.
	pressedApart = time.Minute
)

// pressed is when a button was pressed whose order comes only now, because there
// was no network; zero if it was just now. What was pressed a day ago and longer is
// refused: nobody means it any more.
func (s *Server) pressed(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := parseTime(field, text)
	if err != nil {
		return at, err
	}
	switch ago := s.engine.Now().Sub(at); {
	case ago > pressedFor:
		return at, badField(field, "%s ago: it is too late for what was pressed then", ago.Round(time.Minute))
	case ago < pressedApart:
		return time.Time{}, nil
	}
	return at, nil
}
