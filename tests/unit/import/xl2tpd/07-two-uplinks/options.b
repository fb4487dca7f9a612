user bob lcp-echo-interval
10
nodefaultroute mru 1400
set COLOUR=blue plugin rp.so rp-option "two words"
