Attribute VB_Name = "AccountPlanPress"
Option Explicit
Option Private Module
' What a button does: ask what the macro needs to know, then let Python do the work.
' Every text goes to Python as the digits of its letters, so that no name and no
' path needs quotes, and every alphabet arrives.

Private Const TITLE As String = "Account Plan"
Private Const ACCOUNT_COLUMN As String = "Account"
Private Const FILES As String = "Tables (*.csv;*.xlsx;*.xlsm;*.parquet;*.txt;*.tsv)," & _
    "*.csv;*.xlsx;*.xlsm;*.parquet;*.txt;*.tsv"
Private Const NO_WORKBOOK As String = "Open a workbook of Account Plan first, then press the button again."
Private Const NOT_STARTED As String = "Account Plan could not start: "
Private Const SEE_DOCTOR As String = " Run 'accountplan doctor' in a terminal; it says what is missing."

' Presses a macro. Given is what the questions below have put together, or "".
Public Sub PressMacro(ByVal Macro As String, ByVal Given As String)
    Dim Trouble As String
    If ActiveWorkbook Is Nothing Then
        Tell NO_WORKBOOK
        Exit Sub
    End If
    Trouble = RunPythonOf("from accountplan.addin.press import press; press('" & Macro & "'" & Given & ")")
    If Trouble <> "" Then Tell Trouble
End Sub

' For buttons that something went wrong with before Python ran.
Public Sub TellError(ByVal Description As String)
    Tell NOT_STARTED & Description & "." & SEE_DOCTOR
End Sub

Private Sub Tell(ByVal Text As String)
    MsgBox Text, vbInformation, TITLE
End Sub

' Asks for a file. False: nobody picked one.
Public Function AskFile(ByRef Given As String, ByVal Name As String, ByVal Question As String) As Boolean
    Dim Picked As Variant
    If OnMac() Then
        Picked = Application.GetOpenFilename()
    Else
        Picked = Application.GetOpenFilename(FILES, 1, Question)
    End If
    If VarType(Picked) <> vbString Then Exit Function
    If Picked = "" Or Picked = "False" Then Exit Function
    Given = Given & Argument(Name, CStr(Picked))
    AskFile = True
End Function

' Asks whether there is a further file, and for it.
Public Sub AskMore(ByRef Given As String, ByVal Name As String, ByVal Question As String)
    Dim Picked As Boolean
    If MsgBox(Question, vbYesNo + vbQuestion, TITLE) = vbYes Then
        Picked = AskFile(Given, Name, Question)
    End If
End Sub

' Asks for an account, proposing that of the selected row. False: nobody named one.
Public Function AskAccount(ByRef Given As String, ByVal Name As String, ByVal Question As String) As Boolean
    Dim Answer As Variant
    ' VBA's own box knows the letters of one alphabet only.
    Answer = Application.InputBox(Question, TITLE, SelectedAccount(), Type:=2)
    If VarType(Answer) <> vbString Then Exit Function
    If Trim$(Answer) = "" Then Exit Function
    Given = Given & Argument(Name, Trim$(Answer))
    AskAccount = True
End Function

' The account in the selected row of a table that has such a column, else "".
Public Function SelectedAccount() As String
    Dim Table As Object
    Dim Cell As Object
    On Error GoTo Nobody
    Set Table = ActiveCell.ListObject
    If Table Is Nothing Then Exit Function
    Set Cell = Intersect(ActiveCell.EntireRow, Table.ListColumns(ACCOUNT_COLUMN).DataBodyRange)
    If Not Cell Is Nothing Then SelectedAccount = CStr(Cell.Value)
Nobody:
End Function

Private Function Argument(ByVal Name As String, ByVal Text As String) As String
    Argument = ", " & Name & "='" & HexOf(Text) & "'"
End Function

' The UTF-16 code units of a text, four hexadecimal digits each.
Public Function HexOf(ByVal Text As String) As String
    Dim Place As Long
    For Place = 1 To Len(Text)
        HexOf = HexOf & Right$("000" & Hex$(AscW(Mid$(Text, Place, 1)) And &HFFFF&), 4)
    Next Place
End Function
