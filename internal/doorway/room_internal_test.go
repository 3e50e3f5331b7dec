package doorway

import "testing"

func TestRoom(t *testing.T) {
	for _, tt := range []struct {
		descriptors uint64
		most        int
		enough      bool
	}{
		{300, 140, true},
		{1024, 864, true},
		{1 << 20, Most, true},
		{^uint64(0), Most, true},
		{kept + Fewest, Fewest, true},
		{kept + Fewest - 1, Fewest, false},
		{0, Fewest, false},
	} {
		if most, enough := room(tt.descriptors); most != tt.most || enough != tt.enough {
			t.Errorf("%d descriptors: %d connections, enough %t; want %d, %t", tt.descriptors, most, enough, tt.most, tt.enough)
		}
	}
}
