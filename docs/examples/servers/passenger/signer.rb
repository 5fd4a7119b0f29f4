# SPDX-License-Identifier: BSD-3-Clause
#
# A key in a token, and just as much of PKCS#11 as it takes to sign with it, by Fiddle. Debian 12's Ruby has no
# OpenSSL::Engine (it is built for OpenSSL 3), so there is no way to the token through its OpenSSL library.
require 'fiddle'

class Signer
  CKU_USER = 1
  CKF_SERIAL_SESSION = 4
  CKA_CLASS = 0
  CKA_LABEL = 3
  CKO_PRIVATE_KEY = 3
  CKM_SHA256_RSA_PKCS = 0x40

  NAMES = {
    0 => 'CKR_OK', 0x101 => 'CKR_USER_NOT_LOGGED_IN', 0x190 => 'CKR_CRYPTOKI_NOT_INITIALIZED',
    0x191 => 'CKR_CRYPTOKI_ALREADY_INITIALIZED', 0xb3 => 'CKR_SESSION_HANDLE_INVALID'
  }.freeze

  # Place in CK_FUNCTION_LIST, and the arguments: u for CK_ULONG, p for a pointer.
  FUNCTIONS = {
    C_Initialize: [0, 'p'], C_GetSlotList: [4, 'upp'], C_GetTokenInfo: [6, 'up'], C_OpenSession: [12, 'uuppp'],
    C_Login: [18, 'uupu'], C_FindObjectsInit: [26, 'upu'], C_FindObjects: [27, 'upup'], C_FindObjectsFinal: [28, 'u'],
    C_SignInit: [42, 'upu'], C_Sign: [43, 'upupp']
  }.freeze

  class Error < StandardError; end

  def initialize(module_path, token, label, pin_file)
    @token = token
    @label = label
    @pin_file = pin_file
    @lock = Mutex.new
    load(module_path)
    call(:C_Initialize, nil)
    open
  end

  # Whether this process is a fork of the one that called C_Initialize.
  def forked?
    @check_fork.call != 0
  end

  # After a fork: a backend, a session and a login of this process's own. Handles from before are worthless.
  def reopen
    call(:C_Initialize, nil)
    open
  end

  def sign(data)
    @lock.synchronize do
      call(:C_SignInit, @session, ulongs(CKM_SHA256_RSA_PKCS, 0, 0), @key)
      signature = "\0" * 1024
      len = ulongs(signature.bytesize)
      call(:C_Sign, @session, data, data.bytesize, signature, len)
      signature.byteslice(0, len.unpack1('J'))
    end
  end

  private

  def load(module_path)
    library = Fiddle.dlopen(module_path)
    @check_fork = Fiddle::Function.new(Fiddle.dlopen('libcraton.so.0')['craton_check_fork'], [], Fiddle::TYPE_INT)
    get = Fiddle::Function.new(library['C_GetFunctionList'], [Fiddle::TYPE_VOIDP], Fiddle::TYPE_LONG)
    list = ulongs(0)
    raise Error, 'C_GetFunctionList failed' unless get.call(list).zero?

    # A CK_VERSION, padded to the size of a pointer, then the functions.
    table = Fiddle::Pointer.new(list.unpack1('J'))
    @functions = FUNCTIONS.transform_values do |place, arguments|
      address = table[Fiddle::SIZEOF_VOIDP * (1 + place), Fiddle::SIZEOF_VOIDP].unpack1('J')
      types = arguments.chars.map { |kind| kind == 'u' ? -Fiddle::TYPE_LONG : Fiddle::TYPE_VOIDP }
      Fiddle::Function.new(address, types, -Fiddle::TYPE_LONG)
    end
  end

  def open
    @session = open_session(find_slot)
    pin = File.read(@pin_file).strip
    call(:C_Login, @session, CKU_USER, pin, pin.bytesize)
    @key = find_key
  end

  def open_session(slot)
    session = ulongs(0)
    call(:C_OpenSession, slot, CKF_SERIAL_SESSION, nil, nil, session)
    session.unpack1('J')
  end

  def find_slot
    n = ulongs(64)
    slots = ulongs(*([0] * 64))
    call(:C_GetSlotList, 1, slots, n) # CK_TRUE is passed in a register, as wide as a CK_ULONG
    slots.unpack("J#{n.unpack1('J')}").find do |slot|
      info = "\0" * 256
      call(:C_GetTokenInfo, slot, info)
      info.byteslice(0, 32).strip == @token
    end || raise(Error, "there is no token #{@token}")
  end

  def find_key
    kind = ulongs(CKO_PRIVATE_KEY)
    template = [CKA_CLASS, Fiddle::Pointer[kind].to_i, kind.bytesize,
                CKA_LABEL, Fiddle::Pointer[@label].to_i, @label.bytesize].pack('J*')
    key = ulongs(0)
    n = ulongs(0)
    call(:C_FindObjectsInit, @session, template, 2)
    call(:C_FindObjects, @session, key, 1, n)
    call(:C_FindObjectsFinal, @session)
    raise Error, "there is no key #{@label}" if n.unpack1('J').zero?

    key.unpack1('J')
  end

  def ulongs(*values)
    values.pack('J*')
  end

  def call(name, *arguments)
    rv = @functions[name].call(*arguments)
    raise Error, "#{name}: #{NAMES.fetch(rv, format('0x%x', rv))}" unless rv.zero?
  end
end
