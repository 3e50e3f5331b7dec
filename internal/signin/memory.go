package signin

import (
	"sync"
	"time"
)

const (
	rememberFor = time.Hour
	remembered  = 2000 // sessions
)

// memory has the sessions that were seen here of late. The zero value will do.
type memory struct {
	mu   sync.Mutex
	last map[string]sight // by the record's key
}

type sight struct {
	session Session
	at      time.Time
}

func (m *memory) see(key string, s Session, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == nil {
		m.last = map[string]sight{}
	}
	if _, there := m.last[key]; !there && len(m.last) >= remembered {
		m.drop(now)
	}
	m.last[key] = sight{s, now}
}

// drop makes room: what is old goes, else the one that was seen longest ago.
func (m *memory) drop(now time.Time) {
	oldest := ""
	for key, s := range m.last {
		if now.Sub(s.at) > rememberFor {
			delete(m.last, key)
		} else if oldest == "" || s.at.Before(m.last[oldest].at) {
			oldest = key
		}
	}
	if len(m.last) >= remembered {
		delete(m.last, oldest)
	}
}

func (m *memory) seen(key string, now time.Time) (Session, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.last[key]
	return s.session, ok && now.Sub(s.at) <= rememberFor
}

func (m *memory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.last, key)
}
