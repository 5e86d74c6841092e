Attribute VB_Name = "AccountPlanAnswers"
Option Explicit
Option Private Module
' What worksheet functions share: errors become real ones, so that sums carry them
' on, and the function wizard learns what each argument is.

Private Const CATEGORY As String = "Account Plan"

' What a function answers; #NAME? where there is no Python to ask.
Public Function AnswerOf(ByVal FunctionName As String, ByVal Arguments As Variant) As Variant
    On Error GoTo NotThere
    AnswerOf = WithErrors(AskPython(FunctionName, Arguments))
    Exit Function
NotThere:
    AnswerOf = CVErr(2029)
End Function

' The answer with real errors in place of their names. Python sends one value, one
' row, or rows and columns.
Public Function WithErrors(ByVal Answer As Variant) As Variant
    Dim Row As Long
    Dim Column As Long
    Dim Table As Boolean
    If Not IsArray(Answer) Then
        WithErrors = ErrorOr(Answer)
        Exit Function
    End If
    Table = HasColumns(Answer)
    For Row = LBound(Answer) To UBound(Answer)
        If Table Then
            For Column = LBound(Answer, 2) To UBound(Answer, 2)
                Answer(Row, Column) = ErrorOr(Answer(Row, Column))
            Next Column
        Else
            Answer(Row) = ErrorOr(Answer(Row))
        End If
    Next Row
    WithErrors = Answer
End Function

Private Function HasColumns(ByRef Answer As Variant) As Boolean
    Dim Last As Long
    On Error GoTo OneRow
    Last = UBound(Answer, 2)
    HasColumns = True
OneRow:
End Function

Private Function ErrorOr(ByVal Value As Variant) As Variant
    ErrorOr = Value
    If VarType(Value) <> vbString Then Exit Function
    Select Case Value
        Case "#NULL!": ErrorOr = CVErr(2000)
        Case "#DIV/0!": ErrorOr = CVErr(2007)
        Case "#VALUE!": ErrorOr = CVErr(2015)
        Case "#REF!": ErrorOr = CVErr(2023)
        Case "#NAME?": ErrorOr = CVErr(2029)
        Case "#NUM!": ErrorOr = CVErr(2036)
        Case "#N/A": ErrorOr = CVErr(2042)
    End Select
End Function

' Tells Excel what the functions and their arguments are. Excel refuses that for a
' hidden workbook, as an add-in is one: then it is shown for the moment.
Public Sub DescribeForWizard()
    Dim Saved As Boolean
    Dim Done As Boolean
    On Error Resume Next
    Saved = ThisWorkbook.Saved
    Done = Described()
    If Not Done And ThisWorkbook.IsAddin Then
        Application.ScreenUpdating = False
        ThisWorkbook.IsAddin = False
        Done = Described()
        ThisWorkbook.IsAddin = True
        Application.ScreenUpdating = True
    End If
    ThisWorkbook.Saved = Saved
End Sub

Private Function Described() As Boolean
    On Error GoTo Refused
    DescribeFunctions
    Described = True
Refused:
End Function

Public Sub DescribeFunction(ByVal Name As String, ByVal Summary As String, ByVal Arguments As Variant)
    Application.MacroOptions Macro:="'" & Replace(ThisWorkbook.Name, "'", "''") & "'!" & Name, _
        Description:=Summary, Category:=CATEGORY, ArgumentDescriptions:=Arguments
End Sub

' Puts a value into a place of an array, a range as the range that it is.
Public Sub PutInto(ByRef Place As Variant, ByVal Value As Variant)
    If IsObject(Value) Then
        Set Place = Value
    Else
        Place = Value
    End If
End Sub
