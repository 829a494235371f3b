# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-proto.a
librtalp_proto_a_SOURCES = \
	src/proto/matter_list.c src/proto/matter_list.h src/proto/matter_list_build.c src/proto/matter_list_flat.h \
	src/proto/message.c src/proto/message.h src/proto/messages.def \
	src/proto/row_group.c src/proto/row_group.h \
	src/proto/rowset.c src/proto/rowset.h src/proto/rowset_build.c src/proto/rowset_flat.h \
	src/proto/rowset_sum.c src/proto/rowset_sum.h \
	src/proto/wire.c src/proto/wire.h
